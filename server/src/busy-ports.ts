import { createServer } from "node:net";
import type { Config } from "./config/load-config.js";

type Ports = Pick<Config, "listenAddress" | "httpPort" | "httpsPort" | "grpcPort" | "statusAddress" | "statusPort">;

/** One line for each port that another program holds, with the variable that chooses another. */
export async function busyPorts(config: Ports): Promise<string[]> {
  const wanted: readonly [string, string, number][] = [
    ["HTTP_API_PORT", config.listenAddress, config.httpPort],
    ["HTTPS_API_PORT", config.listenAddress, config.httpsPort],
    ["GRPC_API_PORT", config.listenAddress, config.grpcPort],
    ["STATUS_PORT", config.statusAddress, config.statusPort],
  ];
  const lines: string[] = [];
  for (const [variable, address, port] of wanted) {
    if (port !== 0 && (await isBusy(address, port))) {
      lines.push(`Port ${port} on ${address} is in use by another program. Choose another: ${variable}=${port + 1000}`);
    }
  }
  return lines;
}

function isBusy(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "EADDRINUSE"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

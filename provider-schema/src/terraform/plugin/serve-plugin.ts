import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type GRPCControllerServer, GRPCControllerService } from "../protocol/generated/plugin.js";
import { type ProviderServer, ProviderService } from "../protocol/generated/tfplugin6.js";
import { selfSignedCertificate } from "./certificate.js";
import { handshakeLine } from "./handshake.js";

export interface PluginOptions {
  readonly service: ProviderServer;
  /** PEM of the one client that is let in, by mutual TLS; undefined: whoever reaches the socket. */
  readonly clientCertificate: string | undefined;
  /** Called when the host wants the process to end. */
  readonly onShutdown: () => void;
  /** Windows has no sockets in the file system that every host could use. */
  readonly platform?: NodeJS.Platform;
}

export interface ServedPlugin {
  /** What the host reads on stdout. */
  readonly handshake: string;
  /** Where it listens: a path, or host and port. */
  readonly address: string;
  /** Ends the calls that run, and removes the socket. */
  close(): Promise<void>;
}

/** Serves a provider on a socket of its own. */
export async function servePlugin({
  service,
  clientCertificate,
  onShutdown,
  platform = process.platform,
}: PluginOptions): Promise<ServedPlugin> {
  const own = clientCertificate === undefined ? undefined : selfSignedCertificate();
  const credentials =
    own === undefined || clientCertificate === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(
          Buffer.from(clientCertificate),
          [{ cert_chain: Buffer.from(own.certificatePem), private_key: Buffer.from(own.keyPem) }],
          true,
        );
  // A resource may be larger than the 4 MiB that gRPC takes by default.
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  server.addService(ProviderService, service);
  const controller: GRPCControllerServer = {
    shutdown: (_call, callback) => {
      callback(null, {});
      onShutdown();
    },
  };
  server.addService(GRPCControllerService, controller);

  // The folder is ours alone: nobody else can put a socket there, or reach this one.
  const folder = platform === "win32" ? undefined : await mkdtemp(join(tmpdir(), "relay-plugin-"));
  const path = folder === undefined ? undefined : join(folder, "socket");
  const port = await bind(server, path === undefined ? "127.0.0.1:0" : `unix:${path}`, credentials);
  const address = path ?? `127.0.0.1:${port}`;
  return {
    handshake: handshakeLine({ network: path === undefined ? "tcp" : "unix", address }, own?.certificate),
    address,
    close: async () => {
      server.forceShutdown();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
  });
}

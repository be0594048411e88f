import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { SCHEMA } from "../schema.js";
import { handshakeProblem } from "./plugin/handshake.js";
import { hostLog } from "./plugin/log.js";
import { servePlugin } from "./plugin/serve-plugin.js";
import { providerContext } from "./provider-context.js";
import { providerService } from "./provider-service.js";

const HOST_CHECK_MS = 5_000;

/** The whole program: serves until the host wants it to end. */
export async function runProvider(version: string): Promise<void> {
  const { env, stderr, stdout } = process;
  const problem = handshakeProblem(env);
  if (problem !== undefined) {
    stderr.write(`${problem}\n`);
    process.exitCode = 1;
    return;
  }
  // The terminal sends an interrupt to all its processes: the host has its own word for us.
  process.on("SIGINT", () => {});
  process.on("uncaughtException", crash);

  const log = hostLog(env, (line) => stderr.write(line));
  const plugin = await servePlugin({
    service: providerService(providerContext(SCHEMA, { version, env, log })),
    clientCertificate: env.PLUGIN_CLIENT_CERT || undefined,
    onShutdown: () => setImmediate(end, 0),
  });
  process.on("SIGTERM", () => end(0));
  // The host is gone without a word: nobody will ask us anything more.
  const host = process.ppid;
  setInterval(() => {
    if (process.ppid !== host) end(0);
  }, HOST_CHECK_MS).unref();
  stdout.write(plugin.handshake);

  let ended = false;
  function end(code: number): void {
    if (ended) return;
    ended = true;
    void plugin.close().finally(() => process.exit(code));
  }

  function crash(error: Error): void {
    // Terraform shows what follows such a line, and the reader what to report. Only names of files: messages may hold values.
    const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
    stderr.write(`panic: ${error.name} in terraform-provider-relay ${version}\n\n${frames.join("\n")}\n`);
    try {
      rmSync(dirname(plugin.address), { recursive: true, force: true });
    } finally {
      process.exit(2);
    }
  }
}

import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import type pg from "pg";
import { parseCredentials } from "./auth/basic-credentials.js";
import { equalText } from "./auth/equal-text.js";
import { PLAIN_ERROR_OPTIONS, plainErrors } from "./plain-errors.js";
import type { Metrics } from "./telemetry/metrics.js";

export interface StatusListenerOptions {
  readonly address: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly pool: pg.Pool;
  /** False while starting and draining. */
  readonly ready: () => boolean;
  /** Why no webhook can be taken, or what is near to it; undefined when all is well. */
  readonly notice: () => { readonly ready: boolean; readonly text: string } | undefined;
  /** Undefined: it asks nobody. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
}

/**
 * Health and metrics, on a listener of their own so that strangers never reach them. `/healthz`: the process lives;
 * never asks the database, or an outage there would restart every server. `/readyz`: it can take webhooks.
 */
export async function listenStatus({
  address,
  port,
  metrics,
  pool,
  ready,
  notice,
  credentials,
}: StatusListenerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const app = fastify({ ...PLAIN_ERROR_OPTIONS, logger: false });
  plainErrors(app);
  if (credentials !== undefined) {
    app.addHook("onRequest", async (request, reply) => {
      const given = parseCredentials(request.headers.authorization);
      const { username, password } = given.kind === "basic" ? given : { username: "", password: "" };
      // Both are compared, whatever the first comparison says.
      const same = [equalText(username, credentials.username), equalText(password, credentials.password)];
      if (same.every(Boolean)) return;
      return reply
        .code(401)
        .header("www-authenticate", 'Basic realm="relay status", charset="UTF-8"')
        .type("text/plain; charset=utf-8")
        .send("Unauthorized");
    });
  }
  app.get("/healthz", async (_request, reply) => reply.type("text/plain").send("ok\n"));
  app.get("/readyz", async (_request, reply) => {
    reply.type("text/plain");
    if (!ready()) return reply.code(503).send("starting or draining\n");
    const noticed = notice();
    if (noticed?.ready === false) return reply.code(503).send(`${noticed.text}\n`);
    try {
      await pool.query("SELECT");
    } catch {
      return reply.code(503).send("the database does not answer\n");
    }
    return reply.send(noticed === undefined ? "ok\n" : `ok: ${noticed.text}\n`);
  });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  await app.listen({ host: address, port });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}

import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import type pg from "pg";
import { PLAIN_ERROR_OPTIONS, plainErrors } from "./plain-errors.js";
import type { Metrics } from "./telemetry/metrics.js";

export interface StatusListenerOptions {
  readonly address: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly pool: pg.Pool;
  /** False while starting and draining. */
  readonly ready: () => boolean;
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
}: StatusListenerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const app = fastify({ ...PLAIN_ERROR_OPTIONS, logger: false });
  plainErrors(app);
  app.get("/healthz", async (_request, reply) => reply.type("text/plain").send("ok\n"));
  app.get("/readyz", async (_request, reply) => {
    reply.type("text/plain");
    if (!ready()) return reply.code(503).send("starting or draining\n");
    try {
      await pool.query("SELECT");
    } catch {
      return reply.code(503).send("the database does not answer\n");
    }
    return reply.send("ok\n");
  });
  app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
  await app.listen({ host: address, port });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}

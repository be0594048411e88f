import type { FastifyInstance } from "fastify";
import type { Bucket } from "../catalog/model.js";
import { selectConnectedAgents } from "../store/connected-agents.js";
import type { AdminServices } from "./admin-services.js";
import { visibleBuckets } from "./find.js";
import { tokenOf } from "./request-token.js";

/**
 * GET /v1/connected-clients: agents with a live session on any server that serve a bucket the token may use; one without
 * outputs is shown to its own token and to unlimited ones. `name` is ours.
 */
export function connectedClientRoutes(app: FastifyInstance, { catalog, pool }: AdminServices): void {
  app.get("/v1/connected-clients", async (request) => {
    const token = tokenOf(request);
    const byOutput = new Map<string, { bucket: Bucket; destination: string }>();
    for (const bucket of visibleBuckets(catalog, token)) {
      for (const { id, destination } of bucket.outputs) byOutput.set(id, { bucket, destination });
    }
    const agents = await selectConnectedAgents(pool);
    const clients = agents.flatMap((agent) => {
      const served = agent.outputIds.flatMap((id) => byOutput.get(id) ?? []);
      if (served.length === 0 && agent.tokenId !== token.id && token.scopeBuckets.length > 0) return [];
      return {
        access_token_key: agent.tokenId,
        name: agent.name,
        buckets: [...new Set(served.map(({ bucket }) => bucket.id))],
        bucket_names: [...new Set(served.map(({ bucket }) => bucket.name))],
        client_ip: agent.remoteAddress,
        client_type: agent.transport,
        client_version: agent.version,
        destination: served.map(({ destination }) => destination).join(", "),
        subscribed_at: agent.connectedAt,
      };
    });
    return { webhook_clients: clients, tunnel_clients: [] };
  });
}

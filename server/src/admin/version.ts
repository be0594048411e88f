import os from "node:os";
import type { FastifyInstance } from "fastify";
import { isLimited } from "../auth/token-scope.js";
import type { AdminServices } from "./admin-services.js";
import { tokenOf } from "./request-token.js";

/** GET /v1/version and GET /v1/user/info: who is asking whom. Strangers are not told the version. */
export function versionRoutes(app: FastifyInstance, services: AdminServices): void {
  app.get("/v1/version", async () => ({
    name: "relay",
    version: services.version,
    apiVersion: "v1",
    // Ours: the base of the addresses that senders post to.
    public_url: services.publicUrl,
    os: os.platform(),
    arch: os.arch(),
    experimental: false,
  }));

  app.get("/v1/user/info", async (request) => {
    const token = tokenOf(request);
    return {
      status: "ok",
      data: {
        id: token.id,
        username: token.description,
        email: "",
        auth_type: "regular",
        plan_id: "self-hosted",
        role: isLimited(token) ? "member" : "admin",
      },
    };
  });
}

import type { AddressInfo } from "node:net";
import { fastify } from "fastify";
import { serveParent } from "../processes/rpc.js";

/** The yardstick: fastify that reads the same bytes as a buffer and answers 200, doing nothing else. */
serveParent({
  listen: async () => {
    const app = fastify({ bodyLimit: 4 * 1024 * 1024 });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    app.post("/v1/webhooks/*", (_request, reply) => reply.code(200).send());
    await app.listen({ port: 0, host: "127.0.0.1" });
    return (app.server.address() as AddressInfo).port;
  },
});

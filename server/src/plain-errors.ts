import type { FastifyInstance, FastifyReply, FastifyServerOptions } from "fastify";

/**
 * Errors are plain text, also those that no route answers: fastify's own JSON would tell strangers what runs here, and
 * quote what they sent.
 */
export const PLAIN_ERROR_OPTIONS = {
  frameworkErrors: (_error, _request, reply) => answer(reply, 400, "Bad request"),
  // While closing: a request on a connection that is still open gets its answer.
  return503OnClosing: false,
} satisfies FastifyServerOptions;

/** Texts for what no route or scope of `app` answers itself. */
export function plainErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) => answer(reply, 404, "Not found"));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    return answer(reply, status, status < 500 ? "Bad request" : "Internal error");
  });
}

function answer(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header("x-content-type-options", "nosniff").type("text/plain; charset=utf-8").send(text);
}

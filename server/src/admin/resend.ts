import type { FastifyInstance } from "fastify";
import type { Bucket, Output } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { idText, newId } from "../ids.js";
import { agentsByOutput, agentTargets } from "../resend/agent-targets.js";
import { insertResends } from "../store/insert-resends.js";
import { type LogRow, selectWebhooks } from "../store/logs.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { quoted, requireOutput } from "./find.js";
import { requireLog } from "./find-log.js";
import { tokenOf } from "./request-token.js";
import { LOG_ACTION_SCHEMA, type LogActionBody } from "./schemas/log.js";

const validateAction = bodyValidator<LogActionBody>("an action", LOG_ACTION_SCHEMA);

/** POST /v1/logs/{id}/action: one webhook again. */
export function resendRoutes(app: FastifyInstance, services: AdminServices): void {
  const { pool, hint, clock } = services;

  /** A new delivery of the same webhook: to `output`, else to the one it was for. It gets a delivery id of its own. */
  app.post<{ Params: { id: string } }>("/v1/logs/:id/action", async (request, reply) => {
    const { row, bucket } = await requireLog(services, tokenOf(request), request.params.id);
    const body = validateAction(request.body);
    const output = resendTarget(row, bucket, body.output);
    const webhook = (await selectWebhooks(pool, [row.webhookId], 0)).get(row.webhookId);
    if (webhook === undefined) {
      throw new RelayError("precondition", "Retention has removed this webhook; it cannot be re-sent.");
    }
    if (webhook.keyVersion === 0)
      throw new RelayError("precondition", "Ephemeral webhooks cannot be re-sent: they were never stored.");
    const agents = (await agentsByOutput(pool, [output])).get(output.id);
    const original = row.outputId === output.id ? row.agentId : 0;
    const targets = agentTargets(output, original, agents).map((agentId) => ({
      id: idText(newId(clock())),
      webhookId: row.webhookId,
      outputId: output.id,
      agentId,
      skipFunction: body.process_policy === "skip",
    }));
    if (targets.length === 0) {
      throw new RelayError(
        "precondition",
        `No agent known by name serves the output ${quoted(output.name)} now, so nobody would get it.`,
      );
    }
    await insertResends(pool, targets);
    hint.publish("work", [output.id]);
    return reply.type("text/plain; charset=utf-8").send("OK");
  });
}

function resendTarget(row: LogRow, bucket: Bucket, reference: string | undefined): Output {
  const wanted = reference === undefined || reference === "" ? row.outputId : reference;
  if (wanted === null) {
    throw new RelayError(
      "precondition",
      'The webhook had no output to go to. Name one: {"action": "resend", "output": "..."}',
    );
  }
  const output = requireOutput(bucket, wanted);
  if (output.disabled) {
    throw new RelayError(
      "precondition",
      `The output ${quoted(output.name)} is disabled. Enable it, or name another one.`,
    );
  }
  if (row.finishedAt === null && row.outputId === output.id) {
    throw new RelayError("precondition", "This delivery is not finished yet: it will be delivered without re-sending.");
  }
  return output;
}

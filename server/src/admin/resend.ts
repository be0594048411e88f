import type { FastifyInstance } from "fastify";
import type { Bucket, Output } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { firstIdAt, idText, newId } from "../ids.js";
import { selectAgentsOfOutputs } from "../store/connected-agents.js";
import { type LogRow, selectWebhooks } from "../store/logs.js";
import { insertResends, type NewDelivery, selectFinished } from "../store/resend.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { quoted, requireBucket, requireOutput } from "./find.js";
import { requireLog } from "./find-log.js";
import { decodeCursor, encodeCursor, momentId } from "./log-query.js";
import { statusNumber } from "./log-status.js";
import { tokenOf } from "./request-token.js";
import { LOG_ACTION_SCHEMA, type LogActionBody, RESEND_SCHEMA, type ResendBody } from "./schemas/log.js";

const validateAction = bodyValidator<LogActionBody>("an action", LOG_ACTION_SCHEMA);
const validateResend = bodyValidator<ResendBody>("what to re-send", RESEND_SCHEMA);

const DEFAULT_LIMIT = 100;
const FIRST_ID = firstIdAt(0);
const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** POST /v1/logs/{id}/action and POST /v1/logs/resend. */
export function resendRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, pool, hint, clock } = services;

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
    const agents = (await agentsByOutput(services, [output])).get(output.id);
    const original = row.outputId === output.id ? row.agentId : 0;
    const targets = agentTargets(output, original, agents).map((agentId) =>
      delivery(row.webhookId, output.id, agentId, clock()),
    );
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

  /**
   * Ours: re-sends many, oldest first: `{bucket, status: "stalled" by default, from, to, limit up to 1000, cursor}`.
   * Answers `{resent, skipped, next_cursor?}`; `skipped` were dropped by retention, ephemeral, or have no output or agent
   * any more. The history stays as it is, so a call without the cursor of the one before sends the same ones again.
   */
  app.post("/v1/logs/resend", async (request) => {
    const body = validateResend(request.body);
    const bucket = requireBucket(catalog, tokenOf(request), body.bucket);
    const limit = body.limit ?? DEFAULT_LIMIT;
    const found = await selectFinished(pool, {
      bucketId: bucket.id,
      status: statusNumber(body.status ?? "stalled") ?? 3,
      fromId: momentId("from", body.from, "start") ?? FIRST_ID,
      afterId: decodeCursor(body.cursor) ?? FIRST_ID,
      toId: momentId("to", body.to, "end") ?? LAST_ID,
      limit,
    });
    const outputs = bucket.outputs.filter(({ disabled }) => !disabled);
    const agents = await agentsByOutput(services, outputs);
    const webhooks = await selectWebhooks(pool, [...new Set(found.map(({ webhookId }) => webhookId))], 0);
    const made: NewDelivery[] = [];
    let resent = 0;
    for (const { webhookId, outputId, agentId } of found) {
      const output = outputs.find(({ id }) => id === outputId);
      if (output === undefined || (webhooks.get(webhookId)?.keyVersion ?? 0) === 0) continue;
      const targets = agentTargets(output, agentId, agents.get(output.id));
      if (targets.length > 0) resent += 1;
      for (const target of targets) made.push(delivery(webhookId, output.id, target, clock()));
    }
    if (made.length > 0) {
      await insertResends(pool, made);
      hint.publish("work", [...new Set(made.map(({ outputId }) => outputId))]);
    }
    const last = found.at(-1);
    return {
      resent,
      skipped: found.length - resent,
      ...(found.length === limit && last !== undefined ? { next_cursor: encodeCursor(last.id) } : {}),
    };
  });
}

function delivery(webhookId: string, outputId: string, agentId: number, nowMs: number): NewDelivery {
  return { id: idText(newId(nowMs)), webhookId, outputId, agentId };
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

async function agentsByOutput({ pool }: AdminServices, outputs: readonly Output[]): Promise<Map<string, number[]>> {
  const each = outputs.filter(({ agents }) => agents === "each").map(({ id }) => id);
  const byOutput = new Map<string, number[]>();
  if (each.length === 0) return byOutput;
  for (const { outputId, agentId } of await selectAgentsOfOutputs(pool, each)) {
    byOutput.set(outputId, [...(byOutput.get(outputId) ?? []), agentId]);
  }
  return byOutput;
}

/**
 * Which agents get it: 0 stands for any one. With `each`, the agent it was for; when it was for none in particular (the
 * output was changed, or another output is named), all that serve the output. Empty: nobody is left.
 */
function agentTargets(output: Output, original: number, serving: readonly number[] = []): readonly number[] {
  if (output.agents === "one") return [0];
  if (original === 0) return serving;
  return serving.includes(original) ? [original] : [];
}

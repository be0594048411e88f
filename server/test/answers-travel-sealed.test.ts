import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HeldDelivery } from "../src/delivery/held-delivery.js";
import type { Hint, HintTopic } from "../src/hint/hint.js";
import { idText, newId } from "../src/ids.js";
import { RemoteAnswers } from "../src/responses/remote-answers.js";
import { ResponseWaits, type WaitEnd } from "../src/responses/response-waits.js";
import { forgetAnswers } from "../src/store/answers.js";
import { encodeHeaderBlock } from "../src/wire/index.js";
import { bootAdmin } from "./admin-api.js";
import { sampleDelivery } from "./support/sample-delivery.js";
import { waitFor } from "./support/wait-for.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let bucketId: string;
beforeAll(async () => {
  api = await bootAdmin();
  bucketId = (await api.call(await api.token(), "POST", "/v1/buckets", { name: "b" })).json.id;
  await api.keyring.load(bucketId);
});
afterAll(() => api?.close());

/** What two servers tell each other, here at once. */
function sharedHint(): Hint {
  const listeners: ((subjects: readonly string[]) => void)[] = [];
  return {
    publish: (_topic, subjects) => {
      for (const listener of listeners) listener(subjects);
    },
    subscribe: (_topic: HintTopic, listener) => {
      listeners.push(listener);
      return () => undefined;
    },
    close: async () => undefined,
  };
}

function server(hint: Hint) {
  const waits = new ResponseWaits(10);
  const { pool, keyring: sealer } = api;
  const logger = pino({ level: "silent" });
  const answers = new RemoteAnswers({ pool, hint, sealer, waits, logger });
  answers.start();
  return { waits, answers };
}

function delivery(): HeldDelivery {
  const [id, webhook] = [newId(Date.now()), newId(Date.now())];
  return { ...sampleDelivery(1), id: idText(id), idBytes: id, webhookId: idText(webhook), bucketId };
}

const secret = randomBytes(12).toString("hex");
const ANSWER = {
  status: 201,
  headers: encodeHeaderBlock(["X-Secret", secret]),
  body: Buffer.from(`body ${secret}`),
};

test("threat: who reads the database reads no answer that is on its way; its sender's server gets it as it was", async () => {
  const hint = sharedHint();
  const [caller, other] = [server(hint), server(hint)];
  const known = delivery();
  caller.answers.tell(known, ANSWER);
  const { sealed } = await waitFor("the row", async () => {
    const { rows } = await api.pool.query("SELECT sealed FROM answers WHERE id = $1", [known.id]);
    return rows[0];
  });
  expect(Buffer.from(sealed).includes(secret)).toBe(false);

  const awaited = delivery();
  const ends: WaitEnd[] = [];
  other.waits.open(awaited.webhookId, { bucketId: "b", timeoutMs: 30_000 }, (end) => ends.push(end)).expect(1);
  caller.answers.tell(awaited, ANSWER);
  await waitFor("the answer", () => ends.length === 1);
  const [end] = ends;
  expect(end?.kind === "answered" && { ...end.answer, body: Buffer.from(end.answer.body) }).toMatchObject({
    status: 201,
    body: ANSWER.body,
  });
  expect((await api.pool.query("SELECT FROM answers WHERE id = $1", [awaited.id])).rowCount).toBe(0);
});

test("that a delivery is over without an answer is told, too", async () => {
  const hint = sharedHint();
  const [caller, other] = [server(hint), server(hint)];
  const awaited = delivery();
  const ends: WaitEnd[] = [];
  other.waits.open(awaited.webhookId, { bucketId: "b", timeoutMs: 30_000 }, (end) => ends.push(end)).expect(1);
  caller.answers.tell(awaited, undefined);
  await waitFor("the end", () => ends.length === 1);
  expect(ends).toEqual([{ kind: "unanswered" }]);
});

test("answers that nobody came for do not stay", async () => {
  const { answers } = server(sharedHint());
  const late = delivery();
  answers.tell(late, ANSWER);
  const count = async () =>
    (await api.pool.query("UPDATE answers SET made_at = made_at - interval '3 minutes' WHERE id = $1", [late.id]))
      .rowCount;
  await waitFor("the row", async () => (await count()) === 1);
  await forgetAnswers(api.pool);
  expect(await count()).toBe(0);
});

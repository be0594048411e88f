import type { Try } from "@relay/server/wire";
import { expect, test } from "vitest";
import type { LinkSession } from "../link/link-session.js";
import { createTryBatch } from "./try-batch.js";

function sessionStandIn(recordsTries: boolean): { session: LinkSession; frames: (readonly Try[])[] } {
  const frames: (readonly Try[])[] = [];
  const session = { recordsTries, sendTries: (tries: readonly Try[]) => frames.push(tries) } as unknown as LinkSession;
  return { session, frames };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("what is announced in one turn of the event loop travels in one frame; each is answered once", async () => {
  const { session, frames } = sessionStandIn(true);
  const batch = createTryBatch();
  const answers: [number, boolean][] = [];
  for (const sequence of [1, 2, 3]) {
    batch.announce(session, { sequence, attempt: 7 }, (mayTry) => answers.push([sequence, mayTry]));
  }
  expect(frames).toEqual([]);
  await turn();
  expect(frames.map((tries) => tries.map(({ sequence }) => sequence))).toEqual([[1, 2, 3]]);
  batch.answered({ recorded: [3, 9], refused: [1] });
  batch.answered({ recorded: [1], refused: [3] });
  expect(answers).toEqual([
    [3, true],
    [1, false],
  ]);
});

test("what is left of a session that ended is neither sent nor answered on the next one", async () => {
  const old = sessionStandIn(true);
  const next = sessionStandIn(true);
  const batch = createTryBatch();
  const answers: string[] = [];
  batch.announce(old.session, { sequence: 1, attempt: 2 }, () => answers.push("old"));
  batch.forget();
  batch.announce(next.session, { sequence: 2, attempt: 3 }, () => answers.push("next"));
  await turn();
  batch.answered({ recorded: [1, 2], refused: [] });
  expect([old.frames, next.frames]).toEqual([[], [[{ sequence: 2, attempt: 3 }]]]);
  expect(answers).toEqual(["next"]);
});

test("a server that records nothing is told nothing, and the try may be made", async () => {
  const { session, frames } = sessionStandIn(false);
  const answers: boolean[] = [];
  createTryBatch().announce(session, { sequence: 1, attempt: 2 }, (mayTry) => answers.push(mayTry));
  await turn();
  expect([frames, answers]).toEqual([[], [true]]);
});

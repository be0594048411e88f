import { expect, test } from "vitest";
import { UnfinishedBodies, type UnfinishedBody } from "./unfinished-bodies.js";

const KIB = 1024;

function start(maxBytes: number) {
  let now = 0;
  const bodies = new UnfinishedBodies({ maxBytes, now: () => now });
  const ended: string[] = [];
  const begin = (name: string) => {
    const body = {
      startedMs: now,
      received: 0,
      held: 0,
      gets(bytes: number) {
        body.received += bytes;
        body.held += bytes;
        bodies.grew(body, bytes);
      },
      afterFirstRead: () => bodies.add(body),
      end: (kind: string) => ended.push(`${name} ${kind}`),
    };
    bodies.add(body satisfies UnfinishedBody);
    return body;
  };
  return {
    bodies,
    ended,
    begin,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test("a body may be slow for ten seconds; after that it must bring 16 KiB a second on the average", () => {
  const { bodies, begin, ended, pass } = start(1_000 * KIB);
  const stopped = begin("stopped");
  const slow = begin("slow");
  const quick = begin("quick");
  stopped.gets(1);
  slow.gets(159 * KIB);
  quick.gets(320 * KIB);
  pass(9_999);
  bodies.endSlow();
  expect(ended).toEqual([]);
  pass(1);
  bodies.endSlow();
  expect(ended).toEqual(["stopped too-slow", "slow too-slow"]);
  pass(10_000);
  bodies.endSlow();
  expect(ended).toHaveLength(2);
  pass(1);
  bodies.endSlow();
  expect(ended[2]).toBe("quick too-slow");
});

test("threat: memory held by bodies that never end; the slowest makes room, not the newcomer", () => {
  const { begin, ended, pass } = start(100 * KIB);
  begin("quick").gets(40 * KIB);
  begin("slow").gets(20 * KIB);
  pass(1_000);
  begin("newcomer").gets(50 * KIB);
  expect(ended).toEqual(["slow no-memory"]);
  begin("second newcomer").gets(50 * KIB);
  expect(ended).toEqual(["slow no-memory", "quick no-memory"]);
});

test("threat: many connections that hold nothing hide those that do", () => {
  const { begin, ended, pass } = start(100 * KIB);
  for (let i = 0; i < 100; i += 1) begin(`empty ${i}`);
  begin("holder").gets(90 * KIB);
  pass(1_000);
  begin("newcomer").gets(20 * KIB);
  expect(ended).toEqual(["holder no-memory"]);
});

test("a body alone may use more than the share, and what was removed is counted no more", () => {
  const { bodies, begin, ended, pass } = start(100 * KIB);
  const large = begin("large");
  large.gets(150 * KIB);
  large.gets(50 * KIB);
  expect(ended).toEqual([]);
  bodies.remove(large);
  bodies.remove(large);
  large.gets(1);
  pass(1_000);
  begin("next").gets(60 * KIB);
  begin("another").gets(40 * KIB);
  expect(ended).toEqual([]);
});

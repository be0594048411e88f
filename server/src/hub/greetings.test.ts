import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import fc from "fast-check";
import { pino } from "pino";
import { expect, test } from "vitest";
import { addressGroup } from "./address-group.js";
import { Greetings } from "./greetings.js";

/** What a greeting needs of a socket. */
class FakeSocket extends EventEmitter {
  bytesRead = 0;
  destroyed = false;
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }
}

function setUp(max: number) {
  const clock = { now: 0 };
  const lines: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const greetings = new Greetings({ max, logger, now: () => clock.now });
  const enter = (address: string) => {
    const socket = new FakeSocket();
    const greeting = greetings.enter(socket as unknown as Socket, address);
    return { socket, greeting, address };
  };
  return { clock, lines, greetings, enter };
}

test("a place is given back by the end of the connection and by admission, once", () => {
  const { greetings, enter } = setUp(2);
  const [a, b] = [enter("192.0.2.1"), enter("192.0.2.1")];
  a.greeting?.admitted();
  a.socket.destroy();
  expect(greetings.size).toBe(1);
  b.socket.destroy();
  b.greeting?.admitted();
  expect(greetings.size).toBe(0);
});

test("threat: silence takes a place for ten seconds, from the first packet on", () => {
  const { clock, greetings, enter } = setUp(10);
  const [silent, spoke] = [enter("192.0.2.1"), enter("192.0.2.1")];
  spoke.greeting?.spoke();
  clock.now = 10_000;
  greetings.tick();
  expect(silent.socket.destroyed).toBe(false);
  clock.now = 10_001;
  greetings.tick();
  expect([silent.socket.destroyed, spoke.socket.destroyed, greetings.size]).toEqual([true, false, 1]);
});

test("threat: a stranger that sends and sends is cut, whatever it sends", () => {
  const { greetings, enter } = setUp(10);
  const { socket, greeting } = enter("192.0.2.1");
  greeting?.spoke();
  socket.bytesRead = 32 * 1024;
  greetings.tick();
  expect(socket.destroyed).toBe(false);
  socket.bytesRead += 1;
  greetings.tick();
  expect(socket.destroyed).toBe(true);
});

test("threat: an address that takes all places gives them up to others, the longest silent first", () => {
  const { enter, greetings } = setUp(4);
  const flood = Array.from({ length: 4 }, () => enter("192.0.2.66"));
  flood[0]?.greeting?.spoke();
  const others = [enter("192.0.2.1"), enter("192.0.2.2")];
  expect(others.every(({ greeting }) => greeting !== undefined)).toBe(true);
  expect(flood.map(({ socket }) => socket.destroyed)).toEqual([false, true, true, false]);
  expect(greetings.size).toBe(4);
});

test("the flooding address itself gets no more, until its connections have been silent for a while", () => {
  const { clock, enter } = setUp(3);
  const flood = Array.from({ length: 3 }, () => enter("192.0.2.66"));
  expect(enter("192.0.2.66").greeting).toBeUndefined();
  clock.now = 3_000;
  expect(enter("192.0.2.66").greeting).toBeDefined();
  expect(flood.map(({ socket }) => socket.destroyed)).toEqual([true, false, false]);
});

test("threat: an IPv6 network is one party, however many addresses it uses", () => {
  const { enter } = setUp(3);
  const flood = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(enter);
  expect(enter("2001:db8::4").greeting).toBeUndefined();
  expect(enter("2001:db9::1").greeting).toBeDefined();
  expect(flood.filter(({ socket }) => socket.destroyed)).toHaveLength(1);
});

test("many addresses with one silent connection each keep nobody out for long", () => {
  const { clock, enter } = setUp(3);
  const botnet = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(enter);
  expect(enter("192.0.2.4").greeting).toBeUndefined();
  clock.now = 3_000;
  expect(enter("192.0.2.4").greeting).toBeDefined();
  expect(botnet.map(({ socket }) => socket.destroyed)).toEqual([true, false, false]);
});

test("connections that spoke do not lose their places to equals", () => {
  const { clock, enter } = setUp(2);
  for (const { greeting } of [enter("192.0.2.1"), enter("192.0.2.1")]) greeting?.spoke();
  clock.now = 60_000;
  expect(enter("192.0.2.1").greeting).toBeUndefined();
});

test("a flood is logged once a minute, with the address that takes most", () => {
  const { clock, enter, lines } = setUp(2);
  for (let i = 0; i < 10; i += 1) enter("192.0.2.66");
  expect(lines).toMatchObject([{ msg: "greetings.crowded", max: 2, largest: "192.0.2.66", of: 2 }]);
  clock.now = 60_000;
  enter("192.0.2.66");
  expect(lines[1]).toMatchObject({ turnedAway: 9 });
});

test("the bound holds, and who has a fair share or less loses no place to a larger party", () => {
  const step = fc.record({
    kind: fc.constantFrom("enter", "enter", "enter", "spoke", "end", "wait"),
    party: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 80 }), (max, steps) => {
      const { clock, enter, greetings } = setUp(max);
      const open: ReturnType<typeof enter>[] = [];
      const sizeOf = (group: string) =>
        open.filter(({ address, socket }) => addressGroup(address) === group && !socket.destroyed).length;
      for (const { kind, party } of steps) {
        const alive = open.filter(({ socket }) => !socket.destroyed);
        if (kind === "wait") clock.now += 1_000;
        else if (kind === "enter") {
          const newcomer = enter(`192.0.2.${party}`);
          const lost = alive.filter(({ socket }) => socket.destroyed);
          expect(lost.length).toBeLessThanOrEqual(1);
          // After the exchange the loser's party has no fewer than one less than the newcomer's.
          for (const { address } of lost) expect(sizeOf(address) + 1).toBeGreaterThanOrEqual(sizeOf(newcomer.address));
          if (newcomer.greeting !== undefined) open.push(newcomer);
        } else if (kind === "spoke") alive.find(({ address }) => address.endsWith(`.${party}`))?.greeting?.spoke();
        else alive.find(({ address }) => address.endsWith(`.${party}`))?.socket.destroy();
        expect(greetings.size).toBe(open.filter(({ socket }) => !socket.destroyed).length);
        expect(greetings.size).toBeLessThanOrEqual(max);
      }
    }),
  );
});

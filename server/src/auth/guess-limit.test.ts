import { expect, test } from "vitest";
import { GuessLimit } from "./guess-limit.js";

const NOW = 1_000_000;

test("ten wrong ones per address and subject, then one in ten seconds; other subjects and addresses are free", () => {
  const limit = new GuessLimit();
  for (let i = 0; i < 10; i += 1) {
    expect(limit.waitSeconds("192.0.2.1", "a", NOW)).toBe(0);
    limit.count("192.0.2.1", "a", NOW);
  }
  expect(limit.waitSeconds("192.0.2.1", "a", NOW)).toBe(10);
  expect(limit.waitSeconds("192.0.2.1", "a", NOW + 10_000)).toBe(0);
  expect(limit.waitSeconds("192.0.2.1", "b", NOW)).toBe(0);
  expect(limit.waitSeconds("192.0.2.2", "a", NOW)).toBe(0);
});

test("a hundred wrong ones per address, whatever they are for", () => {
  const limit = new GuessLimit();
  for (let i = 0; i < 100; i += 1) limit.count("192.0.2.1", `subject ${i}`, NOW);
  expect(limit.waitSeconds("192.0.2.1", "another", NOW)).toBe(1);
});

test("threat: a /64 of IPv6 addresses is no supply of fresh ones", () => {
  const limit = new GuessLimit();
  for (let i = 0; i < 10; i += 1) limit.count(`2001:db8:1:2::${i}`, "a", NOW);
  expect(limit.waitSeconds("2001:db8:1:2:3:4:5:6", "a", NOW)).toBe(10);
  expect(limit.waitSeconds("2001:db8:1:3::1", "a", NOW)).toBe(0);
});

test("what is pardoned was never counted", () => {
  const limit = new GuessLimit();
  for (let i = 0; i < 50; i += 1) {
    limit.count("192.0.2.1", "a", NOW);
    limit.pardon("192.0.2.1", "a", NOW);
  }
  expect(limit.waitSeconds("192.0.2.1", "a", NOW)).toBe(0);
});

test("threat: finding the right secret among many while one has to wait; who was right before passes", () => {
  const limit = new GuessLimit();
  expect(limit.mayPass("192.0.2.1", "a", NOW)).toBe(true);
  for (const address of ["192.0.2.1", "192.0.2.2"]) {
    for (let i = 0; i < 10; i += 1) limit.count(address, "a", NOW);
  }
  expect(limit.mayPass("192.0.2.1", "a", NOW)).toBe(true);
  expect(limit.mayPass("192.0.2.2", "a", NOW)).toBe(false);
  expect(limit.mayPass("192.0.2.2", "a", NOW + 10_000)).toBe(true);
});

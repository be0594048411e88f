import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { sampleToken } from "../../test/support/sample-catalog.js";
import type { Token } from "../catalog/model.js";
import { ResumptionTickets, TICKET_TTL_SECONDS } from "./resumption-ticket.js";

const NOW = 1_760_000_000_000;
const TOKEN = sampleToken({ id: randomUUID(), secretHash: "$2b$10$first" });
const IDENTITY = { token: TOKEN, secretHash: TOKEN.secretHash };

function ticketsOver(tokens: Token[], signingKey = Buffer.alloc(32, 7)) {
  return new ResumptionTickets({ signingKey, tokens: { token: (id) => tokens.find((token) => token.id === id) } });
}

it("proves its token for an hour, on every server and after a restart", () => {
  const ticket = ticketsOver([TOKEN]).issueTicket(IDENTITY, NOW);
  const elsewhere = ticketsOver([TOKEN]);
  expect(elsewhere.readTicket(ticket, NOW)).toEqual(IDENTITY);
  expect(elsewhere.readTicket(ticket, NOW + TICKET_TTL_SECONDS * 1000 - 1)).toEqual(IDENTITY);
  expect(elsewhere.readTicket(ticket, NOW + TICKET_TTL_SECONDS * 1000)).toBeUndefined();
});

it("threat: a ticket outliving its token; rotation, stop and deletion void it", () => {
  const ticket = ticketsOver([TOKEN]).issueTicket(IDENTITY, NOW);
  expect(ticketsOver([{ ...TOKEN, secretHash: "$2b$10$second" }]).readTicket(ticket, NOW)).toBeUndefined();
  expect(ticketsOver([{ ...TOKEN, active: false }]).readTicket(ticket, NOW)).toBeUndefined();
  expect(ticketsOver([]).readTicket(ticket, NOW)).toBeUndefined();
});

it("threat: a ticket of a replaced secret outliving the grace, or passing for one of the new secret", () => {
  const ticket = ticketsOver([TOKEN]).issueTicket(IDENTITY, NOW);
  const oldSecret = { hash: TOKEN.secretHash, createdAt: 0, usedAt: null, validUntil: NOW / 1000 + 60 };
  const rotated = { ...TOKEN, secretHash: "$2b$10$second", oldSecret };
  const tickets = ticketsOver([rotated]);
  expect(tickets.readTicket(ticket, NOW + 59_999)).toEqual({ token: rotated, secretHash: TOKEN.secretHash });
  expect(tickets.readTicket(ticket, NOW + 60_000)).toBeUndefined();
  // Taken during the grace, by the old secret.
  const late = tickets.issueTicket({ token: rotated, secretHash: TOKEN.secretHash }, NOW + 59_000);
  expect(tickets.readTicket(late, NOW + 60_000)).toBeUndefined();
  const again = { ...rotated, secretHash: "$2b$10$third", oldSecret: { ...oldSecret, hash: "$2b$10$second" } };
  expect(ticketsOver([again]).readTicket(ticket, NOW)).toBeUndefined();
});

it("threat: forging; another installation's key, any flipped bit, any other bytes", () => {
  const tickets = ticketsOver([TOKEN]);
  const ticket = tickets.issueTicket(IDENTITY, NOW);
  expect(ticketsOver([TOKEN], randomBytes(32)).readTicket(ticket, NOW)).toBeUndefined();
  for (let bit = 0; bit < ticket.length * 8; bit += 1) {
    const forged = Buffer.from(ticket);
    forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(tickets.readTicket(forged, NOW)).toBeUndefined();
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => tickets.readTicket(bytes, NOW) === undefined));
});

it("carries neither the secret's hash nor the name of anything", () => {
  expect(ticketsOver([TOKEN]).issueTicket(IDENTITY, NOW).toString("latin1")).not.toContain("$2b$");
});

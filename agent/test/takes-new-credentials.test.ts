import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hello, Reason } from "@relay/server/wire";
import { afterEach, beforeEach, expect, test } from "vitest";
import { secretFile, tokenFile } from "../src/cli/credentials-files.js";
import type { CredentialsFile } from "../src/link/credentials.js";
import { startDestination } from "./destination.js";
import { startTestAgent, type TestAgent, testTransport } from "./in-process-agent.js";
import { type LinkServer, type ServerSession, startLinkServer, testDelivery, testOutput } from "./link-server.js";

const FIRST = { key: "key", secret: "secret-1" };
const SECOND = { key: "key", secret: "secret-2" };

let folder: string;
let server: LinkServer;
let agent: TestAgent | null = null;
/** Secrets that the server takes. */
let right: Set<string>;
/** What each Hello showed. */
let shown: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "relay-credentials-"));
  right = new Set([FIRST.secret]);
  shown = [];
});
afterEach(async () => {
  await agent?.stop();
  agent = null;
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(destination = "http://127.0.0.1:1"): Promise<void> {
  server = await startLinkServer({
    onHello(session: ServerSession, { tokenSecret, ticket }: Hello) {
      const secret = ticket.length > 0 ? Buffer.from(ticket).toString() : tokenSecret;
      shown.push(secret);
      if (!right.has(secret)) {
        refuse(session, "Unknown token key or wrong secret.");
        return;
      }
      session.welcome(10_000, Buffer.from(secret));
      session.outputs([testOutput(destination)]);
    },
  });
}

function refuse(session: ServerSession, message: string): void {
  const value = { reason: Reason.REASON_UNAUTHORIZED, message, retryAfterMs: 0, minProtocol: 1, maxProtocol: 1 };
  session.send({ $case: "refused", value });
  session.end();
}

function path(): string {
  return join(folder, "token.json");
}

function write(text: string | object): void {
  writeFileSync(path(), typeof text === "string" ? text : JSON.stringify(text), { mode: 0o600 });
}

function start(file: CredentialsFile | null = tokenFile(path()), transport: "grpc" | "websocket" = "grpc"): TestAgent {
  agent = startTestAgent(server, {
    transport: testTransport(server, transport),
    credentials: file === null ? FIRST : file.read(),
    credentialsFile: file,
  });
  return agent;
}

/** Looks at the file until the agent has logged in this often. */
async function logins(count: number): Promise<ServerSession> {
  const looking = setInterval(() => agent?.agent.reread(), 50);
  try {
    return await server.session(count);
  } finally {
    clearInterval(looking);
  }
}

test.each(["grpc", "websocket"] as const)(
  "over %s it finishes what it has in hand, says goodbye and comes back",
  async (transport) => {
    const destination = await startDestination(async (_request, answer) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      answer.end();
    });
    await serve(destination.url);
    write(FIRST);
    start(undefined, transport);
    const first = await server.session(1);
    await first.until(() => !first.closed);
    first.deliver(testDelivery(1), testDelivery(2));
    right.add(SECOND.secret);
    write(SECOND);
    await logins(2);
    expect(shown).toEqual(["secret-1", "secret-2"]);
    const kinds = first.frames.map(({ $case }) => $case);
    // The window is closed, the calls end and are acked, and then it leaves; whatever the order of the deliveries' arrival.
    expect(kinds.indexOf("window")).toBeGreaterThan(0);
    expect(kinds.at(-1)).toBe("goodbye");
    expect([...first.acks.keys()].sort()).toEqual([1, 2]);
    expect(agent?.losses).toEqual([]);
    await destination.stop();
  },
);

test("threat: a file that is half written, gone or damaged breaking an agent at work", async () => {
  await serve();
  write(FIRST);
  const { warnings } = start();
  await server.session(1);
  right.add(SECOND.secret);
  for (const text of ["", '{"key":"key","sec', "{}", '{"key":"key","secret":""}']) write(text);
  rmSync(path());
  await expect.poll(() => warnings, { timeout: 10_000 }).toEqual([expect.stringContaining("cannot read")]);
  expect(server.sessions).toHaveLength(1);
  write(SECOND);
  await logins(2);
  expect(shown).toEqual(["secret-1", "secret-2"]);
});

test("threat: a wrong secret in the file ending an agent, or making it knock for ever", async () => {
  await serve();
  writeFileSync(path(), "secret-1\n", { mode: 0o600 });
  const { warnings } = start(secretFile(path(), "key"));
  await server.session(1);
  writeFileSync(path(), "secret-2-cut", { mode: 0o600 });
  await logins(3);
  // Once with the wrong one, then back with the one that works; its ticket serves.
  expect(shown).toEqual(["secret-1", "secret-2-cut", "secret-1"]);
  expect(warnings).toEqual([expect.stringContaining("going on with those before until the file changes")]);
  expect(warnings[0]).not.toContain("secret-2");
  right.add(SECOND.secret);
  writeFileSync(path(), "secret-2\n", { mode: 0o600 });
  await logins(4);
  expect(shown.slice(3)).toEqual(["secret-2"]);
});

test("a secret that was in the file before the server knew it is tried again when the server tells of a new one", async () => {
  await serve();
  write(FIRST);
  start();
  await server.session(1);
  write(SECOND);
  const third = await logins(3);
  right.add(SECOND.secret);
  third.send({ $case: "secretReplaced", value: { validForMs: 3_600_000 } });
  await server.session(4);
  expect(shown).toEqual(["secret-1", "secret-2", "secret-1", "secret-2"]);
});

test("an agent whose secret ended at once waits for the new one, and takes it", async () => {
  await serve();
  write(FIRST);
  const { warnings } = start();
  const first = await server.session(1);
  right = new Set([SECOND.secret]);
  refuse(first, "The token has a new secret.");
  await expect.poll(() => warnings).toEqual([expect.stringContaining("Waiting up to 5 min for other credentials")]);
  expect(server.sessions).toHaveLength(1);
  write(SECOND);
  await logins(2);
  expect(shown).toEqual(["secret-1", "secret-2"]);
});

test("one that never got in, and one without a file, ends", async () => {
  await serve();
  write(SECOND);
  start();
  expect(await agent?.agent.ended).toMatchObject({ kind: "unauthorized" });
  await agent?.stop();
  start(null);
  const session = await server.session(2);
  refuse(session, "The token was revoked.");
  expect(await agent?.agent.ended).toMatchObject({ kind: "unauthorized" });
});

test("a directory swapped by a symbolic link, as Kubernetes mounts secrets", async () => {
  await serve();
  for (const [version, credentials] of [FIRST, SECOND].entries()) {
    mkdirSync(join(folder, `..${version}`));
    writeFileSync(join(folder, `..${version}`, "token.json"), JSON.stringify(credentials), { mode: 0o400 });
  }
  symlinkSync("..0", join(folder, "..data"));
  symlinkSync(join("..data", "token.json"), path());
  start();
  await server.session(1);
  right.add(SECOND.secret);
  symlinkSync("..1", join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  await logins(2);
  expect(shown).toEqual(["secret-1", "secret-2"]);
});

test("says once how long an old secret is good, over reconnects too", async () => {
  await serve();
  const { warnings } = start(null);
  for (let number = 1; number <= 2; number += 1) {
    const session = await server.session(number);
    session.send({ $case: "secretReplaced", value: { validForMs: 3_600_000 - number * 100 } });
    session.send({ $case: "secretReplaced", value: { validForMs: 3_600_000 - number * 100 } });
    if (number === 1) session.end();
  }
  const third = await server.session(2);
  third.send({ $case: "secretReplaced", value: { validForMs: 60_000 } });
  await expect.poll(() => warnings).toHaveLength(2);
  expect(warnings[0]).toContain("the one of this agent is good for another 1 h. Start it again with the new one");
  expect(warnings[1]).toContain("good for another 1 min");
});

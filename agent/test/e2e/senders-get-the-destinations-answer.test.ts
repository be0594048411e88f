import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, Agent as HttpAgent, type IncomingHttpHeaders, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { createEmptyDatabase, type EmptyDatabase } from "./support/empty-database.js";
import { runAgent, type TestAgent } from "./support/run-agent.js";

const PATIENCE = { timeoutMs: 30_000 };

/** What the destination does with a call to a path. */
const places = new Map<string, (response: ServerResponse, body: Buffer) => void>();
const destination = createServer((incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk) => chunks.push(chunk));
  incoming.on("end", () => {
    const place = places.get(new URL(incoming.url ?? "", "http://x").pathname.split("/")[1] ?? "");
    if (place === undefined) response.writeHead(404).end("no such place");
    else place(response, Buffer.concat(chunks));
  });
});

let database: EmptyDatabase;
let dataDir: string;
let servers: readonly [TestServer, TestServer];
const agents: TestAgent[] = [];
let port: number;

beforeAll(async () => {
  destination.listen(0, "127.0.0.1");
  await once(destination, "listening");
  port = (destination.address() as AddressInfo).port;
  database = await createEmptyDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "relay-answers-"));
  await chmod(dataDir, 0o711);
  const env = { INGEST_RATE: "100000", INGEST_BURST: "100000", PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8" };
  const options = { database, dataDir, env };
  servers = await Promise.all([
    runServer(options),
    runServer({ ...options, env: { ...env, MAX_WAITING_SENDERS: "6" } }),
  ]);
});

afterAll(async () => {
  for (const agent of agents) await agent.close();
  for (const server of servers ?? []) await server.close();
  destination.closeAllConnections();
  destination.close();
  await database?.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** A new place at the destination; its name is the first part of its path. */
function place(answer: (response: ServerResponse, body: Buffer) => void): string {
  const name = randomBytes(4).toString("hex");
  places.set(name, answer);
  return `http://127.0.0.1:${port}/${name}`;
}

interface Served {
  readonly input?: object;
  readonly output?: object;
  readonly bucket?: object;
}

async function route(url: string, { input = {}, output = {}, bucket = {} }: Served = {}): Promise<Route> {
  const made = await servers[0].route({
    bucket,
    input: { response_from_output: "anyOutput", ...input },
    output: { destination: url, ...output },
  });
  await waitFor("the other server to know it", async () => {
    const { status, json } = await servers[1].api("GET", `/v1/buckets/${made.bucketId}`);
    return status === 200 && json.outputs.length === 1;
  });
  return made;
}

/** The same, with an agent that serves it. */
async function served(url: string, options: Served & { transport?: "grpc" | "ws" } = {}): Promise<Route> {
  const made = await route(url, options);
  const { transport = "grpc" } = options;
  const args = ["--quiet", "--max-retries", "0"];
  agents.push(await runAgent(servers[0], { buckets: [made.bucketId], transport, args, name: made.bucketId }));
  return made;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const sockets = new HttpAgent({ keepAlive: false });

function post(server: TestServer, { path }: Pick<Route, "path">, method = "POST"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${server.at.http}${path}`, { method, agent: sockets }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on("error", reject).end(method === "HEAD" ? undefined : "hello");
  });
}

const waiting = (server: TestServer) => server.metric("relay_waiting_senders");

describe("a sender of an input that waits for its destination", () => {
  test.each(["grpc", "ws"] as const)(
    "gets its status, body and harmless fields through an agent (%s)",
    async (transport) => {
      const url = place((response, body) => {
        response.writeHead(201, [
          ["Content-Type", "text/fruit"],
          ["X-Fruit", "banana"],
          ["X-Fruit", "kiwi"],
          ["Set-Cookie", "session=1"],
          ["WWW-Authenticate", "Basic"],
          ["X-Accel-Redirect", "/secret"],
          ["X-Sendfile", "/etc/passwd"],
          ["X-Powered-By", "a banana"],
          ["Server", "fruit/1.0"],
          ["Strict-Transport-Security", "max-age=1"],
        ]);
        response.end(`banana for ${body}`);
      });
      const to = await served(url, { transport });
      const answer = await post(servers[0], to);
      expect(answer).toMatchObject({ status: 201, body: Buffer.from("banana for hello") });
      const { date: _, connection: __, ...headers } = answer.headers;
      expect(headers).toEqual({
        "content-type": "text/fruit",
        "content-length": "16",
        "x-fruit": "banana, kiwi",
        "content-security-policy": "sandbox",
        "x-content-type-options": "nosniff",
      });
      // The same from the other server, whose sender it is not that the agent is connected to.
      const across = await post(servers[1], to);
      expect(across).toMatchObject({ status: 201, body: Buffer.from("banana for hello") });
    },
  );

  test("gets an answer that is larger than a frame of the agent link, and none that is larger than 1 MiB", async () => {
    const large = randomBytes(1024 * 1024);
    let size = 0;
    const to = await served(
      place((response) => void response.writeHead(200).end(Buffer.concat([large, large]).subarray(0, size))),
      { input: { status_code: 202, body: "kept" } },
    );
    for (size of [0, 1, 48 * 1024, 48 * 1024 + 1, 200_000, large.length]) {
      const answer = await post(servers[0], to);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(large.subarray(0, size))).toBe(true);
      expect((await post(servers[1], to)).body.equals(answer.body)).toBe(true);
    }
    size = large.length + 1;
    expect(await post(servers[0], to)).toMatchObject({ status: 202, body: Buffer.from("kept") });
    expect(await post(servers[1], to)).toMatchObject({ status: 202, body: Buffer.from("kept") });
  });

  test("gets a refusal as it is, and what HTTP allows of answers without content", async () => {
    let status = 422;
    const to = await served(
      place(
        (response) => void response.writeHead(status, { "x-reason": "fruit" }).end(status >= 400 ? "no" : undefined),
      ),
    );
    const refused = await post(servers[0], to);
    expect(refused).toMatchObject({ status: 422, body: Buffer.from("no") });
    expect(refused.headers["x-reason"]).toBe("fruit");
    await waitFor("the log to say it", async () => {
      const [log] = (await servers[0].must("GET", `/v1/logs?bucket=${to.bucketId}`)).data;
      return log.status === "failed" && log.status_code === 422;
    });
    for (status of [204, 304]) {
      const answer = await post(servers[0], to);
      expect(answer).toMatchObject({ status, body: Buffer.of() });
      expect(answer.headers["content-length"]).toBeUndefined();
    }
    status = 200;
    expect(await post(servers[0], to, "HEAD")).toMatchObject({ status: 200, body: Buffer.of() });
  });

  test("gets the input's own answer when the destination is too slow, is not there, or has nothing to say", async () => {
    const input = { status_code: 202, body: "later", headers: { "X-Own": ["1"] }, response_timeout: 1 };
    const own = { status: 202, body: Buffer.from("later"), headers: expect.objectContaining({ "x-own": "1" }) };
    const slow = await served(
      place(() => undefined),
      { input },
    );
    const before = performance.now();
    expect(await post(servers[0], slow)).toMatchObject(own);
    expect(performance.now() - before).toBeGreaterThan(900);
    // Nobody waits for what cannot answer.
    const patient = { ...input, response_timeout: 60 };
    const unreachable = await served("http://127.0.0.1:1/", { input: patient });
    expect(await post(servers[0], unreachable)).toMatchObject(own);
    expect(await post(servers[1], unreachable)).toMatchObject(own);
    const rules = { match: { parameter: { source: "header", name: "x-never" }, type: "value", value: "1" } };
    const rejected = await route("http://127.0.0.1:1/", { input: patient, output: { rules } });
    expect(await post(servers[0], rejected)).toMatchObject(own);
    const disabled = await route("http://127.0.0.1:1/", { input: patient, output: { disabled: true } });
    expect(await post(servers[0], disabled)).toMatchObject(own);
    const unknown = await route("http://127.0.0.1:1/", { input: { ...patient, response_from_output: "nobody" } });
    expect(await post(servers[0], unknown)).toMatchObject(own);
  });

  test("gets that of the output it is to be from, by name or id, and of any output the first", async () => {
    const slow = place((response) => void setTimeout(() => response.end("slow"), 300));
    const to = await served(slow, { output: { name: "slow" } });
    const fast = place((response) => void response.end("fast"));
    await servers[0].must("POST", `/v1/buckets/${to.bucketId}/outputs`, { name: "fast", destination: fast });
    const from = (output: string) =>
      servers[0].must("PUT", `/v1/buckets/${to.bucketId}/inputs/${to.inputId}`, { response_from_output: output });
    const answers = async () => {
      const both = [await post(servers[0], to), await post(servers[1], to)];
      return both.map(({ body }) => body.toString());
    };
    await waitFor("the agent to serve both", async () => (await answers())[0] === "fast", PATIENCE);
    await from("slow");
    await waitFor("the change", async () => (await answers()).every((each) => each === "slow"), PATIENCE);
    await from(to.outputId);
    expect(await answers()).toEqual(["slow", "slow"]);
    await from("anyOutput");
    await waitFor("the change", async () => (await answers()).every((each) => each === "fast"), PATIENCE);
  });

  test("of a public destination gets what ends its retries", async () => {
    let calls = 0;
    const to = await route(
      place((response) => {
        calls += 1;
        if (calls < 3) response.writeHead(503).end("not yet");
        else response.writeHead(200, { "x-call": String(calls) }).end("now");
      }),
      { output: { internal: false, retry: { schedule: "custom", delays: ["50ms", "50ms", "50ms"] } } },
    );
    const answer = await post(servers[0], to);
    expect(answer).toMatchObject({ status: 200, body: Buffer.from("now") });
    expect(answer.headers["x-call"]).toBe("3");
  });

  test("of an ephemeral bucket gets it too, from the server it posted to", async () => {
    const to = await served(
      place((response) => void response.writeHead(201).end("gone soon")),
      {
        bucket: { ephemeral: true },
      },
    );
    expect(await post(servers[0], to)).toMatchObject({ status: 201, body: Buffer.from("gone soon") });
    const { rows } = await database.query(`SELECT count(*)::int AS n FROM answers WHERE bucket_id = '${to.bucketId}'`);
    expect(rows[0]?.n).toBe(0);
  });
});

test("a thousand senders wait at a time for an agent that is not there yet, and each gets its own answer", async () => {
  const to = await route(
    place((response, body) => void response.end(body)),
    { input: { response_timeout: 60 } },
  );
  const answers = Array.from({ length: 1_000 }, (_, at) => {
    return new Promise<string>((resolve, reject) => {
      const sent = request(`${servers[0].at.http}${to.path}`, { method: "POST", agent: sockets }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => resolve(text));
      });
      sent.on("error", reject).end(`sender ${at}`);
    });
  });
  await waitFor("all to wait", async () => (await waiting(servers[0])) === 1_000, PATIENCE);
  agents.push(await runAgent(servers[0], { buckets: [to.bucketId], args: ["--quiet"], name: "thousand" }));
  expect(await Promise.all(answers)).toEqual(answers.map((_, at) => `sender ${at}`));
  expect(await waiting(servers[0])).toBe(0);
});

test("threat: senders that hang up free their places; more than may wait are turned away before anything is taken", async () => {
  const to = await route(
    place(() => undefined),
    { input: { response_timeout: 60 } },
  );
  const [, small] = servers;
  const open = Array.from({ length: 3 }, () => {
    const sent = request(`${small.at.http}${to.path}`, { method: "POST", agent: sockets });
    sent.on("error", () => undefined).end("hello");
    return sent;
  });
  await waitFor("three to wait", async () => (await waiting(small)) === 3, PATIENCE);
  const turned = await post(small, to);
  expect(turned.status).toBe(503);
  expect(turned.headers["retry-after"]).toBe("1");
  // Inputs that answer at once are not concerned, and neither are strangers.
  expect((await post(small, await small.route())).status).toBe(200);
  expect((await post(small, { path: "/v1/webhooks/unknown" })).status).toBe(200);
  for (const sent of open) sent.destroy();
  await waitFor("the places to be free", async () => (await waiting(small)) === 0, PATIENCE);
  const { total } = await servers[0].must("GET", `/v1/logs?bucket=${to.bucketId}`);
  expect(total).toBe(3);
});

test("a server that stops answers those who wait as the input says", async () => {
  const to = await route(
    place(() => undefined),
    { input: { response_timeout: 60, status_code: 202 } },
  );
  const [, small] = servers;
  const answer = post(small, to);
  await waitFor("it to wait", async () => (await waiting(small)) === 1, PATIENCE);
  await small.kill("SIGTERM");
  expect((await answer).status).toBe(202);
});

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { chmod, cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { type TestDatabase, withTestDatabase } from "./test-postgres.js";
import { waitFor } from "./wait-for.js";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export interface RunServerOptions {
  /** Settings on top of free ports, temporary data and an administrator. */
  readonly env?: Readonly<Record<string, string>>;
  /** `own`: a fresh database on the test run's PostgreSQL. `embedded`: the server's private PostgreSQL. Or a connection string. */
  readonly database?: "own" | "embedded" | { readonly url: string };
  /** Another server's data directory, for two servers of one installation. */
  readonly dataDir?: string;
  /** A certificate of its own, made at its first start, instead of the test run's. */
  readonly ownCertificate?: boolean;
}

export interface Addresses {
  readonly http: string;
  readonly https: string;
  readonly grpc: string;
  readonly status: string;
  readonly caFile: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever the API answers
  readonly json: any;
}

/** A bucket with one input and one internal output, made through the API. */
export interface Route {
  readonly bucketId: string;
  readonly inputId: string;
  readonly outputId: string;
  /** Path of the input on the listeners. */
  readonly path: string;
}

/** The real server as a process of its own. */
export class TestServer {
  readonly dataDir: string;
  readonly adminKey = randomUUID();
  readonly adminSecret = randomBytes(32).toString("base64url");
  readonly #options: RunServerOptions;
  readonly #ownsDataDir: boolean;
  readonly #database: TestDatabase | undefined;
  #child: ChildProcess | undefined;
  #addresses: Addresses | undefined;
  #stdout = "";
  #stderr = "";
  #exit: Promise<number | NodeJS.Signals | null> = Promise.resolve(null);

  constructor(options: RunServerOptions, dataDir: string, database: TestDatabase | undefined) {
    this.#options = options;
    this.#ownsDataDir = options.dataDir === undefined;
    this.dataDir = dataDir;
    this.#database = database;
  }

  /** The database of a server that has one of its own on the test run's PostgreSQL. */
  get database(): TestDatabase {
    if (this.#database === undefined) throw new Error("this server's database is not the test run's");
    return this.#database;
  }

  get at(): Addresses {
    if (this.#addresses === undefined) throw new Error("the server does not listen");
    return this.#addresses;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Everything the process printed, on both streams, over all its starts. */
  get output(): string {
    return this.#stdout + this.#stderr;
  }

  get certificate(): Promise<Buffer> {
    return readFile(this.at.caFile);
  }

  /** Starts the process and waits until it listens. Rejects with what it printed when it ends before. */
  async start(): Promise<void> {
    const database = this.#options.database ?? "own";
    const url = typeof database === "object" ? database.url : database === "own" ? this.database.url : "";
    const child = spawn(process.execPath, [MAIN], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH ?? "",
        HOME: this.dataDir,
        RELAY_DATA_DIR: this.dataDir,
        DATABASE_URL: url,
        DB_MAX_OPEN_CONNS: "5",
        HTTP_API_PORT: "0",
        HTTPS_API_PORT: "0",
        GRPC_API_PORT: "0",
        STATUS_PORT: "0",
        ADMIN_API_KEY: this.adminKey,
        ADMIN_API_SECRET: this.adminSecret,
        ...this.#options.env,
      },
    });
    this.#child = child;
    const from = this.#stdout.length;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    let ended = false;
    this.#exit = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        ended = true;
        resolve(signal ?? code);
      });
    });
    this.#addresses = await waitFor(
      "server.listening",
      () => {
        if (ended) throw new Error(`the server ended at its start:\n${this.#stderr}${this.#stdout.slice(from)}`);
        const line = this.#stdout
          .slice(from)
          .split("\n")
          .find((each) => each.includes('"server.listening"') && each.endsWith("}"));
        return line === undefined ? undefined : (JSON.parse(line) as Addresses);
      },
      { timeoutMs: 30_000, everyMs: 20 },
    );
  }

  /** Sends a signal and waits for the end; returns the exit code, or the signal that ended the process. */
  async kill(signal: NodeJS.Signals = "SIGTERM"): Promise<number | NodeJS.Signals | null> {
    this.#child?.kill(signal);
    return this.#exit;
  }

  /** Sends a signal that does not end the process, as SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Log lines with this message. */
  logged(message: string): Record<string, unknown>[] {
    return this.#stdout
      .split("\n")
      .filter((line) => line.includes(`"msg":"${message}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The value of one line of the metrics, by its name with its labels; NaN when there is none. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.at.status}/metrics`)).text();
    const line = text.split("\n").find((each) => each.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  }

  async api(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const response = await fetch(this.at.http + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${this.adminKey}:${this.adminSecret}`).toString("base64")}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    let json: unknown = text;
    try {
      json = JSON.parse(text);
    } catch {
      // Shown as text in a failing assertion.
    }
    return { status: response.status, headers: response.headers, json };
  }

  /** The same, expecting success. */
  async must(method: string, path: string, body?: unknown): Promise<ApiAnswer["json"]> {
    const answer = await this.api(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  async route({
    bucket = {},
    input = {},
    output = {},
  }: {
    bucket?: object;
    input?: object;
    output?: object;
  } = {}): Promise<Route> {
    const name = `bucket-${randomBytes(4).toString("hex")}`;
    const { id: bucketId } = await this.must("POST", "/v1/buckets", { name, ...bucket });
    const { id: inputId } = await this.must("POST", `/v1/buckets/${bucketId}/inputs`, { name: "in", ...input });
    const { id: outputId } = await this.must("POST", `/v1/buckets/${bucketId}/outputs`, {
      name: "out",
      destination: "http://localhost:1/hooks",
      internal: true,
      ...output,
    });
    return { bucketId, inputId, outputId, path: `/v1/webhooks/${inputId}` };
  }

  async token(fields: object = {}): Promise<{ key: string; secret: string }> {
    return this.must("POST", "/v1/tokens", { description: "agent", ...fields });
  }

  /** Ends the process, drops the database and removes the data directory. */
  async close(): Promise<void> {
    this.#child?.kill("SIGCONT");
    // A killed server leaves its private PostgreSQL behind for its next start, and there is none.
    if (this.#options.database === "embedded") await this.kill("SIGTERM");
    await this.kill("SIGKILL");
    await this.#database?.close();
    if (this.#ownsDataDir) await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Starts `server/dist/main.js` on free ports and waits until it listens. */
export async function runServer(options: RunServerOptions = {}): Promise<TestServer> {
  const database = (options.database ?? "own") === "own" ? await withTestDatabase() : undefined;
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "relay-server-")));
  // The embedded PostgreSQL runs as another user when we are root: it must get through to its own folder.
  if (options.dataDir === undefined) await chmod(dataDir, 0o711);
  if (options.dataDir === undefined && options.ownCertificate !== true) {
    await cp(inject("tlsDir"), join(dataDir, "tls"), { recursive: true });
  }
  const server = new TestServer(options, dataDir, database);
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

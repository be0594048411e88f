import { open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { NODE_FLAGS } from "../node-flags.js";
import { boundLog } from "../postgres/bounded-log.js";
import { type ManagedProcess, startManagedProcess } from "./managed-process.js";

/** What the server's `server.listening` line says. */
export interface Listening {
  readonly http: string;
  readonly grpc: string;
  readonly caFile: string;
}

export interface ServerProcess {
  readonly process: ManagedProcess;
  readonly listening: Listening;
  /** What it said last, for people: why it ended. */
  lastWords(): Promise<string>;
}

const MAIN = fileURLToPath(new URL("../main.js", import.meta.url));

/**
 * Starts the server with its log in a file and waits until it listens. Rejects with the server's own words when it ends
 * before that; `started` gets the process at once, so that it can be stopped meanwhile.
 */
export async function startServerProcess(
  logFile: string,
  env: NodeJS.ProcessEnv,
  started: (process: ManagedProcess) => void,
): Promise<ServerProcess> {
  await boundLog(logFile);
  const file = await open(logFile, "a+", 0o600);
  const from = (await file.stat()).size;
  const process = startManagedProcess({ script: MAIN, nodeArgs: NODE_FLAGS, env, stdout: file.fd, stderr: file.fd });
  started(process);
  const logTimer = setInterval(() => void boundLog(logFile).catch(() => {}), 600_000);
  logTimer.unref();
  let ended: string | undefined;
  void process.ended.then(async (how) => {
    ended = how;
    clearInterval(logTimer);
  });
  const read = async () => {
    const { size } = await file.stat();
    const length = Math.max(0, Math.min(size - from, 1_048_576));
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, Math.max(from, size - length));
    return buffer.toString("utf8").split("\n");
  };
  const lastWords = async () => whatWentWrong(await read());
  for (;;) {
    const listening = (await read()).map(parseListening).find((line) => line !== undefined);
    if (listening !== undefined) return { process, listening, lastWords };
    if (ended !== undefined) {
      throw new Error(`The server did not start (${ended}).\n${await lastWords()}`);
    }
    await delay(25);
  }
}

/** Reads a line of the log; undefined when it is another one. */
export function parseListening(line: string): Listening | undefined {
  if (!line.includes('"server.listening"')) return undefined;
  try {
    const { http, grpc, caFile } = JSON.parse(line) as Record<string, unknown>;
    if (typeof http !== "string" || typeof grpc !== "string" || typeof caFile !== "string") return undefined;
    return { http, grpc, caFile };
  } catch {
    return undefined;
  }
}

/** From the lines of one run: what was written for people, else the messages of errors. */
export function whatWentWrong(lines: readonly string[]): string {
  const plain = lines.filter((line) => line !== "" && !line.startsWith("{"));
  if (plain.length > 0) return plain.slice(-12).join("\n");
  const errors = lines.flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      const { level, msg, err } = JSON.parse(line) as { level?: number; msg?: string; err?: { message?: string } };
      return (level ?? 0) >= 50 ? [`${msg}: ${err?.message ?? ""}`] : [];
    } catch {
      return [];
    }
  });
  return errors.slice(-3).join("\n");
}

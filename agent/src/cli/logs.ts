import type { ApiClient } from "../api/api-client.js";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiAttempts, ApiLog, ApiLogPage } from "../api/objects.js";
import { coloursFor } from "../render/colour.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { logLine } from "./log-line.js";
import { printJson, printLine, type Terminal } from "./terminal.js";

export interface LogsFlags {
  readonly bucket?: string;
  readonly status?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const PAGE = 100;
const FOLLOW_EVERY_MS = 1_000;
/** How far a follower looks back for rows that changed since it printed them. */
const REMEMBERED = 5_000;

/** `relay logs`: what happened, oldest first; `--follow` goes on until interrupted. */
export async function logs(api: ApiClient, terminal: Terminal, flags: LogsFlags): Promise<ExitCode> {
  const bucket = flags.bucket === undefined ? undefined : await requireBucket(api, flags.bucket);
  const colours = coloursFor(terminal.stdout, terminal.env);
  const query = {
    ...(bucket === undefined ? {} : { bucket: bucket.id }),
    ...(flags.status === undefined ? {} : { status: flags.status }),
    ...(flags.from === undefined ? {} : { from: flags.from }),
    ...(flags.to === undefined ? {} : { to: flags.to }),
  };
  const show = (row: ApiLog): void =>
    printLine(terminal, flags.json === true ? JSON.stringify(row) : logLine(row, colours));
  const first = await newest(api, query, flags.limit);
  for (const row of first.reverse()) show(row);
  if (flags.follow === true) await follow(api, terminal, { query, seen: first, show });
  return EXIT.ok;
}

/** `relay inspect LOGID`: everything about one delivery, and how each attempt went. */
export async function inspect(api: ApiClient, terminal: Terminal, id: string): Promise<ExitCode> {
  const path = `/v1/logs/${encodeURIComponent(id)}`;
  const log = await api.json<ApiLog>("GET", path);
  const { attempts } = await api.json<ApiAttempts>("GET", `${path}/attempts`);
  printJson(terminal, { ...log, attempts });
  return EXIT.ok;
}

type LogQuery = Readonly<Record<string, string>>;

async function newest(api: ApiClient, query: LogQuery, limit: number): Promise<ApiLog[]> {
  const rows: ApiLog[] = [];
  let cursor: string | undefined;
  do {
    const page = await logPage(api, {
      ...query,
      limit: String(Math.min(PAGE, limit - rows.length)),
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...(page.data ?? []));
    cursor = page.next_cursor === "" ? undefined : page.next_cursor;
  } while (cursor !== undefined && rows.length < limit);
  return rows.slice(0, limit);
}

function logPage(api: ApiClient, query: LogQuery): Promise<ApiLogPage> {
  return api.json<ApiLogPage>("GET", `/v1/logs?${new URLSearchParams(query)}`);
}

interface Following {
  readonly query: LogQuery;
  readonly seen: readonly ApiLog[];
  show(row: ApiLog): void;
}

/** Prints new rows and rows whose status changed, until interrupted. */
async function follow(api: ApiClient, terminal: Terminal, { query, seen, show }: Following): Promise<void> {
  const shown = new Map(seen.map((row) => [row.id, stateOf(row)]));
  let wake: () => void = () => undefined;
  let stopped = false;
  const stopListening = terminal.onInterrupt(() => {
    stopped = true;
    wake();
  });
  while (!stopped) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, FOLLOW_EVERY_MS);
    });
    if (stopped) break;
    const rows = await newestUntilKnown(api, query, shown);
    for (const row of rows.reverse()) {
      if (shown.get(row.id) === stateOf(row)) continue;
      shown.delete(row.id);
      shown.set(row.id, stateOf(row));
      show(row);
    }
    for (const id of shown.keys()) {
      if (shown.size <= REMEMBERED) break;
      shown.delete(id);
    }
  }
  stopListening();
}

/** Pages back until a page holds nothing new, so that a burst between two looks is not cut. */
async function newestUntilKnown(
  api: ApiClient,
  query: LogQuery,
  shown: ReadonlyMap<string, string>,
): Promise<ApiLog[]> {
  const rows: ApiLog[] = [];
  let cursor: string | undefined;
  do {
    const page = await logPage(api, { ...query, limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
    const data = page.data ?? [];
    rows.push(...data);
    const allNew = data.length > 0 && data.every((row) => !shown.has(row.id));
    cursor = allNew && shown.size > 0 && page.next_cursor !== "" ? page.next_cursor : undefined;
  } while (cursor !== undefined && rows.length < REMEMBERED);
  return rows;
}

function stateOf(row: ApiLog): string {
  return `${row.status} ${row.status_code ?? 0}`;
}

import { MARK, OUTPUT_NAMES, type OutputName, PACE, PAIR, seenBy, UNWANTED_KEY } from "./delivery-outputs.js";
import type { RecordedRequest } from "./fault-menu.js";
import type { FaultRound, Window } from "./fault-world.js";

/** Ends of calls reach the two sides of a connection in either order, so much apart. */
const TOLERANCE_MS = 25;
/** Most calls of one output that a stopped server has in hand. */
const IN_HAND = 32;
/** A call may be so much later than its place in the rate was given. */
const LATE_MS = 1_000;
/** Sequences longer than that are held against the rate. */
const RATE_BURST = 5;
const SENT = 1;
const FAILED = 2;
const STALLED = 3;
const REJECTED = 5;

export interface Findings {
  /** What must never be: one sentence each. */
  readonly broken: readonly string[];
  /** What may be, but only so often. */
  readonly posted: number;
  readonly answered: number;
  readonly deliveries: number;
  readonly calls: number;
  readonly failed: number;
  /** Calls of a delivery that had been taken already. */
  readonly repeated: number;
  /** Calls that nobody could record any more. */
  readonly unrecorded: number;
  /** Two calls of one delivery at a time, one of them by a server that others took for dead. */
  readonly overlapping: number;
}

interface Row {
  readonly id: string;
  readonly webhookId: string;
  readonly outputId: string;
  readonly status: number;
  readonly statusCode: number;
  readonly attempt: number;
  readonly errorClass: string;
  readonly reason: string | null;
}

interface Call {
  readonly id: string;
  readonly attempt: number;
  readonly n: number;
  readonly key: string;
  readonly taken: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  readonly request: RecordedRequest;
}

/** Holds what the destinations saw of a round that is over against what the database says and what was posted. */
export async function findings(round: FaultRound): Promise<Findings> {
  const { pool } = round.world.one.database;
  const broken: string[] = [];
  const windows = round.world.windows();
  const inWindow = ({ fromMs, toMs }: Window) => windows.some((each) => each.fromMs <= toMs && fromMs <= each.toMs);
  const rows = await outcomes(round);
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const firsts = firstDeliveries(rows);
  const numbers = await webhookNumbers(round, rowOf);
  const { rows: recorded } = await pool.query<{ id: string; attempt: number; errorClass: string; statusCode: number }>(
    `SELECT delivery_id AS id, attempt, error_class AS "errorClass", status_code AS "statusCode" FROM attempts
     WHERE bucket_id = ANY($1)`,
    [bucketIds(round)],
  );
  let all = 0;
  let repeated = 0;
  let overlapping = 0;
  let unrecorded = 0;

  for (const name of OUTPUT_NAMES) {
    const say = (text: string) => broken.push(`${name}: ${text}`);
    const outputId = round.outputs.get(name) ?? "";
    const stored = name !== "ephemeral";
    const calls = callsOf(round, name);
    all += calls.length;
    const byDelivery = grouped(calls, ({ id }) => id);
    const own = rows.filter((row) => row.outputId === outputId);

    // What was answered is known, once, and has come to an end.
    const ends = grouped(own, (row) => numbers.get(row.webhookId) ?? 0);
    for (const { n, key, answered } of round.posted[stored ? "stored" : "ephemeral"]) {
      // Of an ephemeral webhook the body is nowhere to be looked up.
      if (!stored) continue;
      const made = (ends.get(n) ?? []).filter(({ id }) => firsts.has(id));
      if (answered && made.length !== 1) say(`webhook ${n} was answered and has ${made.length} deliveries`);
      for (const { status, id } of made) {
        const unwanted = name === "picky" && key === UNWANTED_KEY;
        if (unwanted !== (status === REJECTED)) say(`webhook ${n} of key ${key} ended as ${status} (${id})`);
      }
    }
    if (!stored) {
      const answered = round.posted.ephemeral.filter((each) => each.answered).length;
      if (own.length < answered) say(`${answered} were answered, ${own.length} have an end`);
    }
    for (const row of own) {
      const seen = byDelivery.get(row.id) ?? [];
      const { id, status } = row;
      if (status === SENT && !seen.some(({ attempt, taken }) => taken && attempt === row.attempt))
        say(`${id} is sent by attempt ${row.attempt}, which the destination did not take`);
      if (status === FAILED && row.statusCode === 0 && row.errorClass === "") say(`${id} failed without a reason`);
      if (status === REJECTED && (row.reason ?? "") === "") say(`${id} was rejected without a reason`);
      if (status === REJECTED && seen.length > 0) say(`${id} was rejected and called ${seen.length} times`);
      if (status !== SENT && status !== FAILED && status !== REJECTED && (stored || status !== STALLED))
        say(`${id} ended as ${status}`);
    }
    for (const [id] of byDelivery) if (!rowOf.has(id)) say(`${id} was called and is nowhere`);

    // Numbers of attempts, and no two calls at a time.
    for (const [id, seen] of byDelivery) {
      const used = seen.map(({ attempt }) => attempt);
      if (new Set(used).size < used.length) say(`${id} used the same number twice: ${used}`);
      for (const [i, call] of seen.entries()) {
        const before = seen[i - 1];
        if (before === undefined) continue;
        const between = { fromMs: before.fromMs, toMs: call.toMs };
        if (call.attempt <= before.attempt && !inWindow(between))
          say(`${id} went from ${before.attempt} to ${call.attempt}`);
        if (seen.slice(0, i).some(({ taken }) => taken)) repeated += 1;
        if (!seen.slice(0, i).some(({ toMs }) => toMs - TOLERANCE_MS > call.fromMs)) continue;
        overlapping += 1;
        if (!inWindow(call))
          say(`${id} was called by attempt ${call.attempt} while attempt ${before.attempt} was open`);
      }
    }

    // What is recorded was seen.
    const known = new Set(own.map(({ id, attempt }) => `${id} ${attempt}`));
    for (const { id, attempt, errorClass } of recorded) {
      if (rowOf.get(id)?.outputId !== outputId) continue;
      known.add(`${id} ${attempt}`);
      if (errorClass.startsWith("function")) continue;
      if (!byDelivery.get(id)?.some((call) => call.attempt === attempt))
        say(`${id}: attempt ${attempt} is recorded, and was not seen`);
    }
    if (stored) unrecorded += calls.filter(({ id, attempt }) => !known.has(`${id} ${attempt}`)).length;

    broken.push(...special(name, calls, { round, inWindow, rowOf, firsts }).map((text) => `${name}: ${text}`));
  }
  const again = rows.filter(
    ({ id, outputId }) => outputId !== round.outputs.get("ephemeral") && !firsts.has(id),
  ).length;
  if (again > round.resends) broken.push(`${again} deliveries were made again, and ${round.resends} were asked for`);
  const { world } = round;
  const faults = world.kills + world.freezes + world.cuts;
  if (unrecorded > 0 && faults === 0) broken.push(`${unrecorded} calls are not recorded, and nothing was in the way`);
  const sealed = await pool.query("SELECT FROM webhooks WHERE bucket_id = $1 AND sealed IS NOT NULL", [
    round.buckets.ephemeral.id,
  ]);
  if (sealed.rowCount !== 0) broken.push(`${sealed.rowCount} ephemeral webhooks are stored`);
  const posted = [...round.posted.stored, ...round.posted.ephemeral];
  return {
    broken,
    posted: posted.length,
    answered: posted.filter(({ answered }) => answered).length,
    deliveries: rows.length,
    calls: all,
    failed: rows.filter(({ status }) => status === FAILED).length,
    repeated,
    unrecorded,
    overlapping,
  };
}

interface Context {
  readonly round: FaultRound;
  readonly inWindow: (window: Window) => boolean;
  readonly rowOf: ReadonlyMap<string, Row>;
  readonly firsts: ReadonlySet<string>;
}

/** What only one output promises. */
function special(name: OutputName, calls: readonly Call[], { round, inWindow, rowOf, firsts }: Context): string[] {
  switch (name) {
    case "pair":
      return calls.flatMap((call) => {
        const open = calls.filter(
          ({ fromMs, toMs }) => fromMs <= call.fromMs && toMs - TOLERANCE_MS > call.fromMs,
        ).length;
        // Of a stopped server the calls are open, and do not count any more.
        const most = inWindow(call) ? PAIR * 2 : PAIR;
        return open > most ? [`${open} calls at a time`] : [];
      });
    case "paced": {
      const extra = RATE_BURST + IN_HAND * round.world.freezes;
      return calls.flatMap((first, i) =>
        calls.slice(i).flatMap((last, count) => {
          const most = ((last.fromMs - first.fromMs + LATE_MS) / 1_000) * PACE + extra;
          return count + 1 > most ? [`${count + 1} calls within ${last.fromMs - first.fromMs} ms`] : [];
        }),
      );
    }
    case "picky":
      return calls.filter(({ key }) => key === UNWANTED_KEY).map(({ n }) => `webhook ${n} is unwanted and was called`);
    case "changed":
      return calls
        .filter(({ request }) => !request.body.toString().endsWith(`}${MARK}`))
        .map(({ n }) => `webhook ${n} came as it was`);
    case "ordered":
    case "keyed": {
      const answered = new Set(round.posted.stored.filter((each) => each.answered).map(({ n }) => n));
      const taken = new Set<string>();
      const first = calls.filter(({ id, n, taken: isTaken }) => {
        if (!isTaken || taken.has(id) || !firsts.has(id) || rowOf.get(id)?.status !== SENT || !answered.has(n))
          return false;
        taken.add(id);
        return true;
      });
      // A clock that was set says nothing of what came before, nor of what another server takes.
      const clockOf = new Map(round.posted.stored.map(({ n, clock }) => [n, clock]));
      const place = ({ n, key }: Call) => `${clockOf.get(n)} ${name === "keyed" ? key : ""}`;
      return [...grouped(first, place).values()].flatMap((ofKey) =>
        ofKey.flatMap(({ n, key }, i) => {
          const before = ofKey[i - 1]?.n ?? 0;
          return before > n ? [`webhook ${n} of key ${key} came after ${before}`] : [];
        }),
      );
    }
    default:
      return [];
  }
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

const bucketIds = ({ buckets }: FaultRound) => [buckets.stored.id, buckets.ephemeral.id];

async function outcomes(round: FaultRound): Promise<Row[]> {
  const { rows } = await round.world.one.database.pool.query<Row>(
    `SELECT id, webhook_id AS "webhookId", output_id AS "outputId", status, status_code AS "statusCode", attempt,
       error_class AS "errorClass", reason FROM outcomes WHERE bucket_id = ANY($1) ORDER BY id`,
    [bucketIds(round)],
  );
  return rows;
}

/** Deliveries that ingress made: those of a webhook that an output got by resending have later ids. `rows` are by id. */
function firstDeliveries(rows: readonly Row[]): ReadonlySet<string> {
  const firsts = new Map<string, string>();
  for (const { id, webhookId, outputId } of rows) {
    const target = `${webhookId} ${outputId}`;
    if (!firsts.has(target)) firsts.set(target, id);
  }
  return new Set(firsts.values());
}

/** The number in the body of each stored webhook, by the webhook's id: read through the API, which opens them. */
async function webhookNumbers(round: FaultRound, rowOf: ReadonlyMap<string, Row>): Promise<Map<string, number>> {
  const numbers = new Map<string, number>();
  for (let cursor = ""; ; ) {
    const query = `bucket=${round.buckets.stored.id}&limit=500&cursor=${cursor}`;
    const page = await round.world.one.must("GET", `/v1/logs?${query}`);
    for (const { id, body } of page.data) {
      const row = rowOf.get(id);
      if (row !== undefined && body !== "") numbers.set(row.webhookId, JSON.parse(body).n);
    }
    if (!page.next_cursor) return numbers;
    cursor = page.next_cursor;
  }
}

function callsOf(round: FaultRound, name: OutputName): Call[] {
  return seenBy(round.world.menu, round.name, name).map((request) => {
    const { n, key } = JSON.parse(request.body.toString().replace(MARK, ""));
    return {
      id: String(request.headers["x-relay-delivery-id"]),
      attempt: Number(request.headers["x-relay-attempt"]),
      n,
      key,
      taken: request.behaviour === "ok" || request.behaviour === "slow",
      fromMs: request.arrivedMs,
      toMs: request.endedMs ?? Number.POSITIVE_INFINITY,
      request,
    };
  });
}

import { CliError } from "../cli/exit-codes.js";
import type { ApiClient } from "./api-client.js";
import type { ApiLogPage } from "./objects.js";

export interface Matching {
  readonly bucketId: string;
  readonly status: string;
  /** Days or RFC 3339 times of receipt, both inclusive. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface Resent {
  readonly resent: number;
  readonly skipped: number;
}

interface ResentPage extends Resent {
  readonly next_cursor?: string;
}

/** As many as the server takes in one call. */
const PAGE = 1_000;

/**
 * Sends again every delivery of a bucket that has the status now, oldest first, page by page. The end is fixed before the
 * first page: what is sent again and fails again is history of the same status, and without an end would be sent for ever.
 */
export async function resendMatching(api: ApiClient, { bucketId, status, from, to }: Matching): Promise<Resent> {
  const range = { bucket: bucketId, status, ...(from === undefined ? {} : { from }) };
  const newest = await newestTime(api, { ...range, ...(to === undefined ? {} : { to }) });
  let total: Resent = { resent: 0, skipped: 0 };
  if (newest === null) return total;
  let cursor: string | undefined;
  do {
    const body = { ...range, to: newest, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await api.json<ResentPage>("POST", "/v1/logs/resend", body).catch((error: unknown) => {
      throw afterSome(error, total.resent);
    });
    total = { resent: total.resent + page.resent, skipped: total.skipped + page.skipped };
    cursor = page.next_cursor;
  } while (cursor !== undefined && cursor !== "");
  return total;
}

/** The moment of the newest delivery in the range by the server's own clock, which made the id; null when there is none. */
async function newestTime(api: ApiClient, range: Readonly<Record<string, string>>): Promise<string | null> {
  const query = new URLSearchParams({ ...range, limit: "1", body: "false" });
  const { data } = await api.json<ApiLogPage>("GET", `/v1/logs?${query}`);
  const id = data?.[0]?.id;
  if (id === undefined) return null;
  // UUID version 7 (RFC 9562): the first 48 bits are Unix milliseconds.
  return new Date(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toISOString();
}

/** Whoever starts again must know that some went out: the same call would send them once more. */
function afterSome(error: unknown, resent: number): unknown {
  if (resent === 0 || !(error instanceof CliError)) return error;
  return new CliError(`${error.message}. ${resent} were sent again before it, oldest first`, error.exitCode, {
    cause: error,
  });
}

import type { ApiClient } from "./api-client.js";

/** Body of POST /v1/resends. */
export interface ResendRequest {
  readonly bucket: string;
  readonly status: readonly string[];
  readonly output?: string;
  readonly input?: string;
  /** Days or RFC 3339 times of receipt, both inclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly to_output?: string;
  readonly process_policy?: "skip";
  /** Webhooks per second. */
  readonly rate?: number;
}

/** A job of the server that sends many webhooks again. */
export interface ResendJob {
  readonly id: string;
  readonly state: "running" | "done" | "cancelled" | "failed";
  readonly error: string;
  readonly total: number;
  /** There are at least so many; counting stopped. */
  readonly at_least: boolean;
  readonly found: number;
  readonly made: number;
  readonly skipped: Readonly<Record<string, number>>;
}

/** How many a job would look at. */
export function countResends(
  api: ApiClient,
  request: ResendRequest,
): Promise<{ readonly count: number; readonly at_least: boolean }> {
  return api.json("POST", "/v1/resends", { ...request, dry_run: true });
}

/** Starts a job; it goes on without this program. */
export function startResend(api: ApiClient, request: ResendRequest): Promise<ResendJob> {
  return api.json("POST", "/v1/resends", request);
}

/** A job as it is now. */
export function findResend(api: ApiClient, id: string): Promise<ResendJob> {
  return api.json("GET", `/v1/resends/${id}`);
}

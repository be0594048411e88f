import type { TestServer } from "./run-server.js";

/** One run of a cron, as the log of its bucket tells of it. */
export interface LoggedRun {
  readonly cron: string;
  /** When it was due. */
  readonly at: string;
  readonly missed: boolean;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Runs whose webhooks are in the bucket, the latest first. */
export async function loggedRuns(server: TestServer, bucket: string): Promise<readonly LoggedRun[]> {
  const { data } = await server.must("GET", `/v1/logs?limit=500&body=true&bucket=${encodeURIComponent(bucket)}`);
  return (data ?? []).map(
    (log: {
      input_id: string;
      method: string;
      extra_path: string;
      raw_query: string;
      body: string;
      headers: Record<string, string[]>;
    }) => ({
      cron: log.input_id,
      at: log.headers["X-Relay-Cron-Time"]?.[0] ?? "",
      missed: log.headers["X-Relay-Cron-Missed"]?.[0] === "true",
      method: log.method,
      path: log.extra_path,
      query: log.raw_query,
      body: log.body,
      headers: log.headers,
    }),
  );
}

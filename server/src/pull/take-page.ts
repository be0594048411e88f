import type pg from "pg";
import { type PulledWebhook, type PullRequest, pullWebhooks } from "../store/pull-webhooks.js";

/**
 * Takes webhooks and makes the answer out of them before it is said that they were handed out: when the answer cannot be made
 * (a key that cannot be used now), or nobody is there any more to take it, they wait as before. Undefined: nobody is there.
 */
export async function takePage<T>(
  pool: pg.Pool,
  request: PullRequest,
  { answer, gone }: { answer: (rows: readonly PulledWebhook[]) => Promise<T>; gone: AbortSignal },
): Promise<T | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const rows = await pullWebhooks(client, request);
    const made = await answer(rows);
    await client.query(gone.aborted ? "ROLLBACK" : "COMMIT");
    return gone.aborted ? undefined : made;
  } catch (error) {
    await client.query("ROLLBACK").catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

import { type ApiClient, refusal } from "../api/api-client.js";
import { requireBucket } from "../api/find-bucket.js";
import { resendMatching } from "../api/resend-matching.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { printLine, type Terminal } from "./terminal.js";

export interface ResendFlags {
  readonly output?: string;
  readonly bucket?: string;
  readonly status?: string;
  readonly from?: string;
  readonly to?: string;
}

/** What may be sent again; `preparing` is still on its way. */
export const RESENDABLE = ["stalled", "failed", "rejected", "sent", "received"] as const;

/** `relay resend LOGID` delivers one again, `relay resend --bucket B` all of a status. */
export function resend(
  api: ApiClient,
  terminal: Terminal,
  id: string | undefined,
  flags: ResendFlags,
): Promise<ExitCode> {
  const { output, bucket, ...range } = flags;
  const forMany = bucket !== undefined || Object.values(range).some((value) => value !== undefined);
  if (id !== undefined) {
    if (forMany) throw new CliError("relay resend takes a log id or --bucket, not both", EXIT.usage);
    return resendOne(api, terminal, id, output);
  }
  if (bucket === undefined) throw new CliError("relay resend needs a log id, or --bucket and --status", EXIT.usage);
  if (output !== undefined) throw new CliError("--output goes with a log id", EXIT.usage);
  return resendMany(api, terminal, { ...range, bucket });
}

async function resendOne(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  output: string | undefined,
): Promise<ExitCode> {
  const action = { action: "resend", ...(output === undefined ? {} : { output }) };
  const path = `/v1/logs/${encodeURIComponent(id)}/action`;
  // The answer is text for people, of no fixed form.
  const response = await api.send("POST", path, JSON.stringify(action));
  if (response.status !== 200) throw refusal("POST", path, response);
  printLine(terminal, `Sent again: ${id}`);
  return EXIT.ok;
}

async function resendMany(
  api: ApiClient,
  terminal: Terminal,
  { bucket, status = "stalled", from, to }: ResendFlags & { readonly bucket: string },
): Promise<ExitCode> {
  const { id, name } = await requireBucket(api, bucket);
  const { resent, skipped } = await resendMatching(api, { bucketId: id, status, from, to });
  const left =
    skipped === 0
      ? ""
      : `; ${skipped} cannot be: ephemeral, removed by retention, or without an output or agent to go to`;
  printLine(terminal, `Sent again: ${resent} ${status} of ${name}${left}`);
  return EXIT.ok;
}

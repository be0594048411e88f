import { type ApiClient, refusal } from "../api/api-client.js";
import { requireBucket } from "../api/find-bucket.js";
import { countResends, findResend, type ResendJob, type ResendRequest, startResend } from "../api/resend-job.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { noteLine, printLine, type Terminal } from "./terminal.js";

export interface ResendFlags {
  readonly output?: string;
  readonly toOutput?: string;
  readonly skipFunctions?: boolean;
  readonly bucket?: string;
  readonly status?: readonly string[];
  readonly input?: string;
  readonly from?: string;
  readonly to?: string;
  readonly rate?: number;
  readonly dryRun?: boolean;
}

/** What may be sent again; `preparing` is still on its way. */
export const RESENDABLE = ["stalled", "failed", "rejected", "sent", "received"] as const;

const LOOK_EVERY_MS = 1_000;
/** A short job ends at once. */
const FIRST_LOOK_MS = 200;

/** In words, why deliveries were not sent again. */
const REASONS: Readonly<Record<string, string>> = {
  ephemeral: "ephemeral",
  removed: "removed by retention",
  no_output: "without an output to go to",
  no_agent: "without an agent to go to",
  again: "of the same webhook again",
};

/** `relay resend LOGID` delivers one again, `relay resend --bucket B` all that match, by a job of the server. */
export function resend(
  api: ApiClient,
  terminal: Terminal,
  id: string | undefined,
  flags: ResendFlags,
): Promise<ExitCode> {
  const { output, toOutput, skipFunctions, bucket, ...range } = flags;
  const forMany = bucket !== undefined || Object.values(range).some((value) => value !== undefined);
  if (id !== undefined) {
    if (forMany) throw new CliError("relay resend takes a log id or --bucket, not both", EXIT.usage);
    return resendOne(api, terminal, id, { output: toOutput ?? output, skipFunctions });
  }
  if (bucket === undefined) throw new CliError("relay resend needs a log id, or --bucket and --status", EXIT.usage);
  return resendMany(api, terminal, { ...flags, bucket });
}

async function resendOne(
  api: ApiClient,
  terminal: Terminal,
  id: string,
  { output, skipFunctions }: { readonly output: string | undefined; readonly skipFunctions: boolean | undefined },
): Promise<ExitCode> {
  const action = {
    action: "resend",
    ...(output === undefined ? {} : { output }),
    ...(skipFunctions === true ? { process_policy: "skip" } : {}),
  };
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
  { bucket, dryRun, ...flags }: ResendFlags & { readonly bucket: string },
): Promise<ExitCode> {
  const { id, name } = await requireBucket(api, bucket);
  const request = requestOf(id, flags);
  const what = `${request.status.join(", ")} of ${name}`;
  if (dryRun === true) {
    const { count, at_least } = await countResends(api, request);
    printLine(terminal, `Would send again: ${at_least ? "at least " : ""}${count} ${what}`);
    return EXIT.ok;
  }
  const job = await watch(api, terminal, await startResend(api, request));
  if (job.state === "running") {
    noteLine(terminal, `The server goes on with it: relay api resends/${job.id} shows how far it is,`);
    noteLine(terminal, `relay api -X DELETE resends/${job.id} ends it.`);
    return EXIT.ok;
  }
  const skipped = Object.entries(job.skipped).filter(([, count]) => count > 0);
  const reasons = skipped.map(([reason, count]) => `${count} ${REASONS[reason] ?? reason}`).join(", ");
  printLine(terminal, `Sent again: ${job.made} ${what}${reasons === "" ? "" : `; skipped: ${reasons}`}`);
  if (job.state === "done") return EXIT.ok;
  throw new CliError(
    job.state === "failed" ? job.error : `the job ${job.id} was cancelled before its end`,
    EXIT.failure,
  );
}

function requestOf(bucket: string, flags: Omit<ResendFlags, "bucket" | "dryRun">): ResendRequest {
  const { status = [], output, input, from, to, toOutput, skipFunctions, rate } = flags;
  return {
    bucket,
    status: status.length === 0 ? ["stalled"] : status,
    ...(output === undefined ? {} : { output }),
    ...(input === undefined ? {} : { input }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(toOutput === undefined ? {} : { to_output: toOutput }),
    ...(skipFunctions === true ? { process_policy: "skip" as const } : {}),
    ...(rate === undefined ? {} : { rate }),
  };
}

/** Shows how far a job is until it ends, or the user has seen enough: then it is still running. */
async function watch(api: ApiClient, terminal: Terminal, started: ResendJob): Promise<ResendJob> {
  const shows = terminal.stderr.isTTY === true;
  let job = started;
  let seenEnough = false;
  let wake: () => void = () => undefined;
  const stopListening = terminal.onInterrupt(() => {
    seenEnough = true;
    wake();
  });
  for (let pause = FIRST_LOOK_MS; job.state === "running" && !seenEnough; pause = LOOK_EVERY_MS) {
    if (shows) terminal.stderr.write(`\r\u001b[K${progress(job)}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    if (!seenEnough) job = await findResend(api, job.id);
  }
  if (shows) terminal.stderr.write("\r\u001b[K");
  stopListening();
  return job;
}

function progress({ found, made, total, at_least }: ResendJob): string {
  const skipped = found - made;
  return `${found} of ${at_least ? "at least " : ""}${total}${skipped === 0 ? "" : `, ${skipped} skipped`} (Ctrl-C leaves it to the server)`;
}

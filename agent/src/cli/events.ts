import type { ApiClient } from "../api/api-client.js";
import { requireBucket } from "../api/find-bucket.js";
import type { ApiEventPage, ApiLog } from "../api/objects.js";
import { type Colours, coloursFor } from "../render/colour.js";
import { printable } from "../render/printable.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { logLine } from "./log-line.js";
import { noteLine, printLine, type Terminal } from "./terminal.js";

export interface EventsFlags {
  readonly bucket: string;
  readonly output?: string;
  readonly limit?: number;
  readonly maxAge?: string;
  readonly follow?: boolean;
  readonly body?: boolean;
  readonly json?: boolean;
}

/** Most that the server gives at a time. */
const PAGE = 100;
/** Seconds the server lets a follower wait; less than this program waits for an answer. */
const WAIT = 20;
const AGAIN_MS = 2_000;

/** `relay events`: takes webhooks that nothing else delivers; each is handed out once. */
export async function events(api: ApiClient, terminal: Terminal, flags: EventsFlags): Promise<ExitCode> {
  const { id } = await requireBucket(api, flags.bucket);
  const query = new URLSearchParams({
    bucket: id,
    ...(flags.output === undefined ? {} : { output: flags.output }),
    ...(flags.maxAge === undefined ? {} : { max_age: flags.maxAge }),
    ...(flags.follow === true ? { wait: String(WAIT) } : {}),
  });
  const show = printer(terminal, flags);
  const interrupted = interruption(terminal);
  try {
    let left = flags.limit ?? (flags.follow === true ? Number.POSITIVE_INFINITY : PAGE);
    while (left > 0 && !interrupted.yet) {
      query.set("limit", String(Math.min(PAGE, left)));
      // Whoever interrupts hangs up; the server hands nothing out to a caller that is gone.
      const page = await Promise.race([
        askPatiently(api, terminal, { query, flags, interrupted }),
        interrupted.happens,
      ]);
      if (page === undefined) break;
      for (const row of page.logs ?? []) show(row);
      left -= page.logs?.length ?? 0;
      if (page.has_more !== true && flags.follow !== true) break;
    }
  } finally {
    interrupted.stop();
  }
  return EXIT.ok;
}

interface Asking {
  readonly query: URLSearchParams;
  readonly flags: EventsFlags;
  readonly interrupted: { readonly yet: boolean };
}

/** One page. A follower outlasts a server that is away for a while: an empty page, after a pause. */
async function askPatiently(
  api: ApiClient,
  terminal: Terminal,
  { query, flags, interrupted }: Asking,
): Promise<ApiEventPage> {
  try {
    return await api.json<ApiEventPage>("GET", `/v1/events?${query}`);
  } catch (error) {
    if (flags.follow !== true || !(error instanceof CliError) || error.exitCode !== EXIT.unreachable) throw error;
    if (interrupted.yet) return { logs: [] };
    noteLine(terminal, `relay: ${error.message}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    return { logs: [] };
  }
}

function printer(terminal: Terminal, { json, body }: EventsFlags): (row: ApiLog) => void {
  if (json === true) return (row) => printLine(terminal, JSON.stringify(row));
  const colours = coloursFor(terminal.stdout, terminal.env);
  return (row) => {
    printLine(terminal, logLine(row, colours));
    if (body === true) printLine(terminal, bodyText(row, colours));
  };
}

function bodyText({ body = "", body_base64 }: ApiLog, colours: Colours): string {
  if (body_base64 === undefined) return body.split("\n").map(printable).join("\n");
  return colours.dim(`(not text, in base64) ${body_base64}`);
}

/** The first interruption by the user. */
function interruption(terminal: Terminal): {
  readonly yet: boolean;
  readonly happens: Promise<undefined>;
  stop(): void;
} {
  let yet = false;
  let stop: () => void = () => undefined;
  const happens = new Promise<undefined>((resolve) => {
    stop = terminal.onInterrupt(() => {
      yet = true;
      resolve(undefined);
    });
  });
  return {
    get yet() {
      return yet;
    },
    happens,
    stop,
  };
}

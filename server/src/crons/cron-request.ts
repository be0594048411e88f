import type { CronSettings } from "../catalog/model.js";
import { encodeWebhookRequest } from "../wire/encode-webhook-request.js";

export interface CronRun {
  readonly cronId: string;
  readonly settings: CronSettings;
  /** When it was due, in Unix milliseconds. */
  readonly dueMs: number;
  /** It stands for everything that was missed since. */
  readonly caughtUp: boolean;
}

/**
 * The webhook of a run, as a sender would have posted it. Beside what people set it names the cron and the time at which
 * it was due, by which a receiver tells runs apart.
 */
export function cronRequest({ cronId, settings, dueMs, caughtUp }: CronRun): Buffer {
  const question = settings.path.indexOf("?");
  const rawHeaders: string[] = [];
  for (const [name, values] of Object.entries(settings.headers)) {
    for (const value of values) rawHeaders.push(name, value);
  }
  const type = contentType(settings);
  if (type !== undefined) rawHeaders.push("Content-Type", type);
  rawHeaders.push("X-Relay-Cron", cronId, "X-Relay-Cron-Time", new Date(dueMs).toISOString());
  if (caughtUp) rawHeaders.push("X-Relay-Cron-Missed", "true");
  return encodeWebhookRequest({
    method: settings.method,
    path: question < 0 ? settings.path : settings.path.slice(0, question),
    query: question < 0 ? "" : settings.path.slice(question + 1),
    hasQuery: question >= 0,
    rawHeaders,
    body: Buffer.from(settings.payload),
    remoteAddress: "",
  });
}

/** Undefined where people say it themselves, or there is nothing to say it of. */
function contentType({ headers, payload }: CronSettings): string | undefined {
  const own = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  if (own || payload === "") return undefined;
  try {
    JSON.parse(payload);
    return "application/json";
  } catch {
    return "text/plain; charset=utf-8";
  }
}

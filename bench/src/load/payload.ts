import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

export type PayloadKind = "1k" | "github";

/** JSON of exactly 1,024 bytes. */
export function oneKilobyte(): Buffer {
  const event = { action: "opened", number: 42, note: "" };
  event.note = "relay ".repeat(200).slice(0, 1024 - JSON.stringify(event).length);
  return Buffer.from(JSON.stringify(event));
}

/** The real GitHub payload nearest to the median size of the published examples (about 7.7 KB). */
export function githubPayload(): Buffer {
  const file = createRequire(import.meta.url).resolve("@octokit/webhooks-examples/api.github.com/index.json");
  const events: readonly { examples: readonly unknown[] }[] = JSON.parse(readFileSync(file, "utf8"));
  const payloads = events
    .flatMap((event) => event.examples)
    .map((example) => Buffer.from(JSON.stringify(example)))
    .sort((a, b) => a.length - b.length);
  const median = payloads[payloads.length >> 1];
  if (median === undefined) throw new Error(`payload: no examples in ${file}`);
  return median;
}

/** The body of a kind. */
export function payloadOf(kind: PayloadKind): Buffer {
  return kind === "1k" ? oneKilobyte() : githubPayload();
}

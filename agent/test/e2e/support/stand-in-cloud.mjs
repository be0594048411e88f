// Stands in for `kubectl` and `gcloud` in tests: keeps one secret in a file and records its arguments, its environment and
// what it reads. Usage: stand-in-cloud.mjs kubectl|gcloud FOLDER ARGUMENTS...
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [tool, folder = "", ...args] = process.argv.slice(2);
const stored = join(folder, "stored");
const calls = join(folder, "calls.jsonl");
const words = args.filter((each) => !each.startsWith("-"));

/** @param {string} input */
function record(input) {
  appendFileSync(calls, `${JSON.stringify({ tool, args, environment: process.env, input })}\n`);
}

/** @param {string} text */
function fail(text) {
  process.stderr.write(`${tool}: ${text}\n`);
  process.exit(1);
}

if (tool === "kubectl" && args.includes("get")) {
  record("");
  process.stdout.write(readFileSync(stored, "utf8"));
} else if (tool === "kubectl" && words[0] === "create") {
  const input = readFileSync(0, "utf8");
  record(input);
  if (!args.includes("--from-file=token.json=/dev/stdin") || !args.includes("--dry-run=client")) fail("not understood");
  const data = Buffer.from(input).toString("base64");
  process.stdout.write(`apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${words[3]}\ndata:\n  token.json: ${data}\n`);
} else if (tool === "kubectl" && words[0] === "apply") {
  const input = readFileSync(0, "utf8");
  record(input);
  if (existsSync(join(folder, "forbidden"))) fail("forbidden");
  const data = /token\.json: (\S+)/.exec(input)?.[1] ?? "";
  if (data === "") fail("error: no objects passed to apply");
  writeFileSync(stored, Buffer.from(data, "base64"));
  process.stdout.write("secret serverside-applied\n");
} else if (tool === "gcloud" && words.join(" ") === "secrets versions access latest") {
  record("");
  process.stdout.write(readFileSync(stored, "utf8"));
} else if (tool === "gcloud" && words.slice(0, 3).join(" ") === "secrets versions add") {
  const input = readFileSync(0, "utf8");
  record(input);
  if (existsSync(join(folder, "forbidden"))) fail("PERMISSION_DENIED");
  if (!args.includes("--data-file=-")) fail("not understood");
  writeFileSync(stored, input);
  process.stderr.write("Created version [2] of the secret.\n");
} else {
  fail(`does not know ${args.join(" ")}`);
}

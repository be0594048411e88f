import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type BenchContext, PACES, temporaryFolder } from "./bench-context.js";
import { postgresVersion } from "./bench-postgres.js";
import type { Figure } from "./figure.js";
import { cpuName } from "./measure/machine.js";
import { inRepository } from "./processes/repository.js";
import { startDestination } from "./processes/start-destination.js";
import { startLoad } from "./processes/start-load.js";
import { ROWS, runRepeat } from "./repeat.js";
import { formatTable, summarize } from "./table.js";

const HELP = `npm run bench -- [--quick] [--only row,row] [--repeats N] [--json file] [--cpu-profile folder]

Measures the relay on this machine, load generator and destination included, and prints one table.
  --quick         one repeat, short rows, a few minutes
  --only          some rows: ${ROWS.join(", ")}
  --repeats       how often everything is measured (default 3, with --quick 1)
  --json          also write the table as JSON
  --cpu-profile   start server and agent with V8's CPU profiler and write its files there
Exit code 1 when an answered webhook was lost.
`;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    repeats: { type: "string" },
    json: { type: "string" },
    "cpu-profile": { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(HELP);
else await bench();

function chosenRows(): readonly string[] {
  if (values.only === undefined) return ROWS;
  const chosen = values.only.split(",").map((name) => name.trim());
  const unknown = chosen.filter((name) => !ROWS.includes(name));
  if (unknown.length > 0) throw new Error(`--only: no row ${unknown.join(", ")}; there are ${ROWS.join(", ")}`);
  return chosen;
}

function git(...argv: string[]): string {
  return execFileSync("git", argv, {
    cwd: inRepository(""),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

function commit(): string {
  try {
    return `commit ${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") === "" ? "" : " and changes"}`;
  } catch {
    return "no commit";
  }
}

async function bench(): Promise<void> {
  const rows = chosenRows();
  const pace = PACES[values.quick ? "quick" : "full"];
  const repeats = Number(values.repeats ?? (values.quick ? 1 : 3));
  const profileDir = values["cpu-profile"];
  const cpuProfileDir = profileDir === undefined ? undefined : resolve(profileDir);
  if (cpuProfileDir !== undefined) await mkdir(cpuProfileDir, { recursive: true });
  const header = `${cpuName()}; Node ${process.version}; ${await postgresVersion()}; ${commit()}; ${repeats} ${repeats === 1 ? "repeat" : "repeats"}${pace.quick ? ", quick" : ""}; load generator and destination on the same machine; durable, encrypted, TLS`;
  console.log(`${header}\n`);

  const figures: Figure[] = [];
  const begin = performance.now();
  let lost = 0;
  let sequence = 0;
  const root = await temporaryFolder();
  const note = (text: string) => console.error(`[${((performance.now() - begin) / 1000).toFixed(0)} s] ${text}`);
  const load = startLoad();
  const destination = await startDestination();
  let failed = false;
  try {
    for (let repeat = 1; repeat <= repeats; repeat += 1) {
      const context: BenchContext = {
        pace,
        load,
        destination,
        bare: new Map(),
        cpuProfileDir,
        add(figure) {
          figures.push(figure);
          note(`${figure.name}: ${figure.value.toFixed(2)} ${figure.unit}`);
        },
        lost(count, where) {
          lost += count;
          if (count > 0) note(`LOST ${count} answered webhooks: ${where}`);
        },
        refusals(result, where) {
          const { refused, errors, firstError } = result;
          if (errors > 0 || Object.keys(refused).length > 0) {
            note(
              `${where}: refused ${JSON.stringify(refused)}, ${errors} connections broke${firstError === "" ? "" : ` (${firstError})`}`,
            );
          }
        },
        note,
        async folder(name) {
          const path = join(root, `${repeat}-${name}`);
          await mkdir(path, { recursive: true });
          return path;
        },
        async run(options) {
          const result = await load.run({ ...options, host: "127.0.0.1", firstSequence: sequence });
          sequence += result.sent;
          return result;
        },
        nextSequence: () => sequence,
      };
      note(`repeat ${repeat} of ${repeats}`);
      await runRepeat(context, rows);
      await rm(root, { recursive: true, force: true });
    }
  } catch (error) {
    failed = true;
    console.error(error);
    console.error(`The logs are in ${root}.`);
  } finally {
    load.stop();
    destination.stop();
    const table = summarize(figures);
    console.log(`${formatTable(table)}\n\nanswered and lost: ${lost}`);
    if (values.json !== undefined)
      await writeFile(values.json, `${JSON.stringify({ header, lost, rows: table }, null, 2)}\n`);
    if (failed || lost > 0) process.exitCode = 1;
  }
}

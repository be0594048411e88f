import { type Command, Option } from "commander";
import type { ApiCron } from "../api/objects.js";
import type { CommandContext } from "./command-context.js";
import { CRON_HEADING, cronRow, localTime } from "./cron-row.js";
import { CliError, EXIT } from "./exit-codes.js";
import { headerMap } from "./header-map.js";
import { gather } from "./option-parsers.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

interface CronFlags {
  readonly bucket?: string;
  readonly schedule?: string;
  readonly timezone?: string;
  readonly method?: string;
  readonly path?: string;
  readonly destination?: string;
  readonly payload?: string;
  readonly header: readonly string[];
  readonly function?: string;
  readonly missed?: string;
  readonly enabled?: string | true;
  readonly recurring?: string | true;
}

/** `relay cron`: thin over the classic REST paths. */
export function addCronCommands(program: Command, { api }: CommandContext): void {
  const cron = program.command("cron").description("list and change crons, which send webhooks by a schedule");
  cron
    .command("ls")
    .description("list crons; the next run is in the time of this machine")
    .option("--json", "print JSON")
    .action(
      api<[{ json?: boolean }]>(async ({ api, terminal }, flags) => {
        const crons = (await api.json<readonly ApiCron[] | null>("GET", "/v1/crons")) ?? [];
        if (flags.json === true) return printJson(terminal, crons);
        printTable(terminal, CRON_HEADING, crons.map(cronRow));
      }),
    );
  withFields(cron.command("create <name>").description("create a cron"))
    .option("-b, --bucket <bucket>", "name or id of the bucket it sends into; without it the cron gets one of its own")
    .action(
      api<[string, CronFlags]>(async ({ api, terminal }, name, flags) => {
        if (flags.schedule === undefined) throw new CliError("--schedule is missing", EXIT.usage);
        if ((flags.bucket === undefined) === (flags.destination === undefined)) {
          throw new CliError("give either --destination, for a bucket of its own, or --bucket", EXIT.usage);
        }
        const made = await api.json<ApiCron>("POST", "/v1/crons", { name, bucket: flags.bucket, ...fieldsOf(flags) });
        printLine(terminal, `Created cron ${made.name} (${made.id})`);
        printLine(terminal, `Next run: ${localTime(made.next_run)}`);
      }),
    );
  cron
    .command("inspect <cron>")
    .description("print one cron as JSON")
    .action(api<[string]>(async ({ api, terminal }, name) => printJson(terminal, await api.json("GET", pathOf(name)))));
  withFields(cron.command("update <cron>").description("change what is named, keep the rest"))
    .option("--name <name>", "another name")
    .action(
      api<[string, CronFlags & { readonly name?: string }]>(async ({ api, terminal }, name, flags) => {
        const fields = { ...(flags.name === undefined ? {} : { name: flags.name }), ...fieldsOf(flags) };
        if (Object.keys(fields).length === 0) throw new CliError("nothing to change: see --help", EXIT.usage);
        const changed = await api.json<ApiCron>("PUT", pathOf(name), fields);
        printLine(terminal, `Updated cron ${changed.name} (${changed.id})`);
        printLine(terminal, `Next run: ${localTime(changed.next_run)}`);
      }),
    );
  cron
    .command("rm <cron>")
    .description("delete a cron, with the bucket that was made with it")
    .action(
      api<[string]>(async ({ api, terminal }, name) => {
        await api.json("DELETE", pathOf(name));
        printLine(terminal, `Deleted cron ${name}`);
      }),
    );
}

function withFields(command: Command): Command {
  return command
    .option("-s, --schedule <schedule>", 'five fields, a word such as @daily, or "@every 10m"')
    .option("--timezone <zone>", "IANA time zone (UTC)")
    .option("-m, --method <method>", "method of the webhook (POST)")
    .option("--path <path>", "path and query of the webhook")
    .option("-d, --destination <url>", "where the cron's own bucket delivers to")
    .option("-p, --payload <text>", "body of the webhook")
    .option("--header <k=v>", "field of the webhook; repeatable", gather, [])
    .option("-F, --function <function>", "function that its webhooks pass through, by name or id")
    .addOption(new Option("--missed <policy>", "what becomes of missed runs (skip)").choices(["skip", "once"]))
    .addOption(new Option("--enabled [yes]", "whether it runs (true)").choices(["true", "false"]))
    .addOption(new Option("--recurring [yes]", "whether it runs more than once (true)").choices(["true", "false"]));
}

/** What was given. Without it the server has a default, or keeps what there is. */
function fieldsOf(flags: CronFlags): Record<string, unknown> {
  const { schedule, timezone, method, path, destination, payload, missed } = flags;
  const fields = {
    schedule,
    timezone,
    method: method?.toUpperCase(),
    path,
    destination,
    payload,
    missed,
    function: flags.function,
    headers: flags.header.length === 0 ? undefined : headerMap(flags.header),
    enabled: isOn(flags.enabled),
    recurring: isOn(flags.recurring),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isOn(flag: string | true | undefined): boolean | undefined {
  return flag === undefined ? undefined : flag !== "false";
}

function pathOf(idOrName: string): string {
  return `/v1/crons/${encodeURIComponent(idOrName)}`;
}

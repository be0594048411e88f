import { Command, CommanderError, Option } from "commander";
import { addAgentFlags } from "./agent-flags.js";
import { type ApiFlags, apiCommand } from "./api-command.js";
import { addBucketCommands } from "./bucket-commands.js";
import { type CommandContext, createCommandContext } from "./command-context.js";
import { addCronCommands } from "./cron-commands.js";
import { type EventsFlags, events } from "./events.js";
import { CliError, EXIT, type ExitCode, usageExitCode } from "./exit-codes.js";
import { type ForwardFlags, forward } from "./forward.js";
import { addFunctionCommands } from "./function-commands.js";
import { addInputCommands } from "./input-commands.js";
import { type LoginFlags, login, logout } from "./login.js";
import { inspect, type LogsFlags, logs } from "./logs.js";
import { addManifestCommands } from "./manifest-commands.js";
import { withApi } from "./open-api.js";
import { gather, moment, wholeNumber } from "./option-parsers.js";
import { addOutputCommands } from "./output-commands.js";
import { outputTypeOption } from "./output-type.js";
import { RESENDABLE, type ResendFlags, resend } from "./resend.js";
import { type RunFlags, run } from "./run.js";
import type { RunFile } from "./run-file.js";
import { status } from "./status.js";
import { suggestCommands } from "./suggest-commands.js";
import { noteLine, type Terminal } from "./terminal.js";
import { addTokenCommands } from "./token-commands.js";

const EXAMPLES = `
Examples:
  relay login                                       keep a token's key and secret
  relay forward http://localhost:3000/hooks -b demo  a public URL for a local service
  relay run -c relay.yaml                           serve buckets as a service does
  relay logs -b demo --follow                       what happened
  relay resend 0190f2c4-...                         deliver one again
  relay resend -b demo --status stalled             deliver again what no agent came for in time
  relay events -b orders --follow --json            take webhooks as they come, without an agent
  relay plan -f relay.yaml                          what a manifest would change
`;

const ENVIRONMENT = `
Environment:
  RELAY_KEY, RELAY_SECRET    token (also KEY, SECRET)
  RELAY_TOKEN_FILE           JSON file with key and secret, instead; an agent watches it
  RELAY_SECRET_FILE          file with the secret, instead of RELAY_SECRET; an agent watches it
  RELAY_API_KEY              the account's API key, when no token is given
  RELAY_API_ADDRESS          REST address (default http://localhost:9301); http:// for loopback only
  RELAY_GRPC_API_ADDRESS     gRPC host:port (default: the API's host, port 9302)
  RELAY_WS_ADDRESS           WebSocket address (default: the API's when https, else wss://, same host, port 9300)
  WEBSOCKET_TRANSPORT=true   WebSocket instead of gRPC
  RELAY_CA_FILE              authorities to trust instead of the system's (PEM)
  RELAY_INSECURE=true        accept any certificate
  RELAY_REQUIRE_TLS=false    agent link in plain text, loopback only
  HTTPS_PROXY                proxy to the server, such as http://name:password@proxy:3128 (also https_proxy)
  NO_PROXY                   hosts, domains and networks reached without it, comma-separated; loopback always is
  BUCKETS                    comma-separated buckets for relay run
  RELAY_AGENT_NAME           name of the agent (default: the host name)
  RELAY_CONFIG_DIR           what relay login keeps (default ~/.relay)
  RELAY_STATE_DIR            the agent's ledger and resumption ticket
  NO_COLOR, FORCE_COLOR      colours off, on
  Precedence: flag, environment, run file, login.

Exit codes:
  0 ok   1 failure   2 wrong usage   3 not logged in or not allowed   4 server unreachable (one-shot commands)
  5 another agent of the same name took over
  relay plan and relay diff end with 0 for no changes and 2 for changes; wrong usage of them ends with 1
`;

/** Runs the program with its arguments (without node and script); resolves with the exit code. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  let command: string | undefined;
  const program = createProgram(terminal, {
    versionFlags: startsWithCommand(argv) ? "--version" : "-v, --version",
    exit: (code) => {
      exitCode = code;
    },
  });
  program.hook("preSubcommand", (_program, subcommand) => {
    command = subcommand.name();
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    // Help and version come this way too, with exit code 0; commander has printed what it has to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : usageExitCode(command);
    if (error instanceof CliError) {
      noteLine(terminal, `relay: ${error.message}`);
      return error.exitCode === EXIT.usage ? usageExitCode(command) : error.exitCode;
    }
    throw error;
  }
}

/** The program's own options are found behind a command, too, where `-v` may be one of the command (`function test -v`). */
function startsWithCommand([first = "help"]: readonly string[]): boolean {
  return first !== "help" && !first.startsWith("-");
}

interface ProgramOptions {
  readonly versionFlags: string;
  readonly exit: (code: ExitCode) => void;
}

function createProgram(terminal: Terminal, { versionFlags, exit }: ProgramOptions): Command {
  const program = new Command("relay")
    .description("Brings webhooks from a relay server to services that only this machine can see.")
    .version(terminal.version, versionFlags)
    .option("--config <dir>", "configuration directory (RELAY_CONFIG_DIR)")
    .option("--server <url>", "REST address of the server (RELAY_API_ADDRESS)")
    .option("--grpc-server <host:port>", "gRPC address of the server (RELAY_GRPC_API_ADDRESS)")
    .option("--ca-file <file>", "authorities to trust instead of the system's (RELAY_CA_FILE)")
    .option(
      "--token-file <file>",
      "JSON with the token's key and secret; watched by a running agent (RELAY_TOKEN_FILE)",
    )
    .option("--secret-file <file>", "the token's secret alone, with the key as before; watched too (RELAY_SECRET_FILE)")
    .option("--insecure", "accept any certificate (RELAY_INSECURE)")
    .addHelpText("before", EXAMPLES)
    .addHelpText("after", ENVIRONMENT)
    .showHelpAfterError("(relay --help shows what there is)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });
  const context = createCommandContext({ terminal, program, exit });
  addAgentCommands(program, context);
  addAccountCommands(program, context);
  addHistoryCommands(program, context);
  addBucketCommands(program, context);
  addInputCommands(program, context);
  addOutputCommands(program, context);
  addCronCommands(program, context);
  addFunctionCommands(program, context);
  addTokenCommands(program, context);
  addManifestCommands(program, context);
  addApiCommand(program, context);
  inherit(program, program);
  return program;
}

function addAgentCommands(program: Command, { terminal, settings, action }: CommandContext): void {
  addAgentFlags(
    program
      .command("forward [destination]")
      .description("forward a bucket's webhooks to a destination; creates what is missing and prints the public URL")
      .option("-b, --bucket <bucket>", "name or id; created when missing (default: the destination's host)")
      .addOption(outputTypeOption().default("internal"))
      .option("-f, --function <function>", "function that the output's webhooks pass through, by name or id")
      .option("--no-agent", "configure only")
      .option("--no-interactive", "without effect: there is nothing interactive"),
  ).action(
    action<[string | undefined, ForwardFlags]>((destination, flags) => {
      const resolved = settings();
      return withApi(terminal, resolved, (api) => forward(destination, { terminal, settings: resolved, flags, api }));
    }),
  );
  addAgentFlags(
    program
      .command("run")
      .description("serve the internal outputs of buckets until stopped")
      .option("-c, --config-file <file>", "run file (relay.yaml)")
      .option(
        "-b, --bucket <bucket>",
        "bucket to serve, repeatable (BUCKETS; default: all the token may see)",
        gather,
        [],
      )
      .addOption(
        new Option("--mode <mode>", "only forward is in this version")
          .choices(["forward", "tunnel"])
          .default("forward"),
      )
      .option("-k, --key <key>", "token key (RELAY_KEY)")
      .option("-s, --secret <secret>", "token secret; other users can see it here: better set RELAY_SECRET")
      .addOption(new Option("-t, --tunnel <name>").argParser(gather).default([]).hideHelp()),
  ).action(
    action<[RunFlags & { configFile?: string }]>(async (flags) => {
      const runFile = flags.configFile === undefined ? null : await runFileAt(flags.configFile);
      return run({ terminal, settings: settings(runFile, flags), flags, runFile });
    }),
  );
}

/** With the YAML parser only where there is YAML to read. */
async function runFileAt(path: string): Promise<RunFile> {
  const { readRunFile } = await import("./run-file.js");
  return readRunFile(path);
}

function addAccountCommands(program: Command, { terminal, settings, action }: CommandContext): void {
  program
    .command("login")
    .description("keep a token's key and secret in the configuration directory")
    .option("-k, --key <key>", "token key")
    .option("-s, --secret <secret>", "token secret; other users can see it here: better leave it out and be asked")
    .option("--secret-stdin", "read the secret from standard input")
    .action(action<[LoginFlags]>((flags) => login(flags, terminal, settings())));
  program
    .command("logout")
    .description("forget the kept token")
    .action(action(() => logout(terminal, settings())));
  program
    .command("status")
    .description("is it working? server, versions, login, connected agents")
    .option("--json", "print JSON")
    .action(action<[{ json?: boolean }]>((flags) => status(terminal, settings(), flags)));
}

function addHistoryCommands(program: Command, { api }: CommandContext): void {
  program
    .command("logs")
    .description("list deliveries, oldest first")
    .option("-b, --bucket <bucket>", "name or id")
    .addOption(
      new Option("--status <status>").choices(["preparing", "received", "sent", "failed", "stalled", "rejected"]),
    )
    .option("--from <time>", "received since this day or time", moment)
    .option("--to <time>", "received until this day or time, inclusive", moment)
    .option("-l, --limit <n>", "at most so many", wholeNumber(1, 100_000), 50)
    .option("-f, --follow", "go on until interrupted")
    .option("--json", "print one JSON object per line")
    .action(api<[LogsFlags]>(({ api, terminal }, flags) => logs(api, terminal, flags)));
  program
    .command("inspect <logid>")
    .description("print one delivery with everything known about it and its attempts, as JSON")
    .action(api<[string]>(({ api, terminal }, id) => inspect(api, terminal, id)));
  program
    .command("events")
    .description("take webhooks out of a bucket that nothing else delivers, oldest first, each once")
    .requiredOption("-b, --bucket <bucket>", "name or id")
    .option("-o, --output <output>", "of this internal output only, while no agent serves it")
    .option("-l, --limit <n>", "at most so many (default: 100; with --follow: no end)", wholeNumber(1, 1_000_000))
    .option("--max-age <duration>", "leave what is older, such as 1h30m (default: 24h)")
    .option("-f, --follow", "wait for more until interrupted")
    .option("--body", "print the bodies too")
    .option("--json", "print one JSON object per line, with the body")
    .action(api<[EventsFlags]>(({ api, terminal }, flags) => events(api, terminal, flags)));
  program
    .command("resend [logid]")
    .description("deliver one again, or all that match in a bucket")
    .option("--to-output <output>", "to this output instead of its own")
    .option("--skip-functions", "without running the functions of the output again")
    .option("-o, --output <output>", "with a log id the same as --to-output; with --bucket: only what this output got")
    .option("-b, --bucket <bucket>", "name or id: all of it that match, oldest first")
    .addOption(resendStatusOption())
    .option("--input <input>", "with --bucket: only what came to this input")
    .option("--from <time>", "with --bucket: received since this day or time", moment)
    .option("--to <time>", "with --bucket: received until this day or time, inclusive", moment)
    .option("--rate <n>", "with --bucket: at most so many per second (default: 100)", wholeNumber(1, 10_000))
    .option("--dry-run", "with --bucket: count them, send nothing")
    .action(api<[string | undefined, ResendFlags]>(({ api, terminal }, id, flags) => resend(api, terminal, id, flags)));
}

function resendStatusOption(): Option {
  const option = new Option("--status <status>", "with --bucket; repeatable (default: stalled)").choices(RESENDABLE);
  const one = option.parseArg;
  return option.argParser((text: string, before: readonly string[] | undefined) => {
    one?.(text, undefined);
    return gather(text, before ?? []);
  });
}

function addApiCommand(program: Command, { api }: CommandContext): void {
  program
    .command("api <path>")
    .description("call any path of the REST API, such as: relay api buckets")
    .option("-X, --method <method>", "default: GET, with fields POST")
    .option("-f, --raw-field <key=value>", "text field of the JSON body; repeatable", gather, [])
    .option("-F, --field <key=value>", "the same, with numbers, true, false and null", gather, [])
    .option("--input <file>", "body from a file, - for standard input")
    .option("-i, --include", "print status and headers too")
    .action(api<[string, ApiFlags]>(({ api, terminal }, path, flags) => apiCommand(api, terminal, path, flags)));
}

/** Subcommands made by `command()` before settings were complete take the program's way of ending and printing. */
function inherit(parent: Command, root: Command): void {
  suggestCommands(parent);
  for (const command of parent.commands) {
    command.copyInheritedSettings(root);
    inherit(command, root);
  }
}

import { type Command, Option } from "commander";
import type { ApiClient } from "../api/api-client.js";
import type { ApiToken } from "../api/objects.js";
import type { Credentials } from "../link/credentials.js";
import type { CommandContext } from "./command-context.js";
import { CliError, EXIT } from "./exit-codes.js";
import { type HandOverFlags, openHandOver, SECRET_FORMATS } from "./hand-over.js";
import { duration, gather } from "./option-parsers.js";
import { printTable } from "./table.js";
import { noteLine, printJson, printLine, type Terminal } from "./terminal.js";
import { type RotateFlags, rotateToken } from "./token-rotate.js";
import { TOKEN_HEADING, tokenRow } from "./token-row.js";

interface CreateFlags extends HandOverFlags {
  readonly description?: string;
  readonly bucket: readonly string[];
  readonly apiAccess: boolean;
  readonly expiresIn?: number;
  readonly json?: boolean;
}

/** `relay token`: thin over REST. */
export function addTokenCommands(program: Command, { api }: CommandContext): void {
  const token = program.command("token").description("list, make, rotate and revoke tokens");
  token
    .command("ls")
    .description("list tokens, with the age and last use of their secrets")
    .option("--json", "print JSON")
    .action(
      api<[{ json?: boolean }]>(async ({ api, terminal }, flags) => {
        const tokens = (await api.json<readonly ApiToken[] | null>("GET", "/v1/tokens")) ?? [];
        if (flags.json === true) return printJson(terminal, tokens);
        const now = Date.now();
        printTable(
          terminal,
          TOKEN_HEADING,
          tokens.map((one) => tokenRow(one, now)),
        );
      }),
    );
  addHandOver(
    token
      .command("create [name]")
      .description("create a token; its secret is printed once, or handed over as the flags say")
      .option("--description <text>", "text for people")
      .option("--bucket <bucket>", "limit it to this bucket; repeatable", gather, [])
      .option("--no-api-access", "for agents only: no management calls")
      .option("--expires-in <d>", "it ends after this, such as 90d", duration)
      .option("--json", "print JSON"),
  ).action(
    api<[string | undefined, CreateFlags]>(({ api, terminal }, name, flags) => createToken(api, terminal, name, flags)),
  );
  addHandOver(
    token
      .command("rotate <token>")
      .description("give a token, by name or key, a new secret; the old one stays good for a while")
      .addOption(
        new Option("--grace <d>", "how long the old secret stays good; 0 ends it at once, 30d at most")
          .argParser(duration)
          .default(3_600_000, "1h"),
      )
      .option("--again", "the last rotation's secret was lost: make another in its place, the old one stays good"),
  ).action(api<[string, RotateFlags]>(({ api, terminal }, name, flags) => rotateToken(api, terminal, name, flags)));
  token
    .command("inspect <token>")
    .description("print one token, by name or key, as JSON")
    .action(
      api<[string]>(async ({ api, terminal }, name) => {
        printJson(terminal, await api.json("GET", `/v1/tokens/${encodeURIComponent(name)}`));
      }),
    );
  token
    .command("rm <token>")
    .description("revoke a token, by name or key")
    .action(
      api<[string]>(async ({ api, terminal }, name) => {
        await api.json("DELETE", `/v1/tokens/${encodeURIComponent(name)}`);
        printLine(terminal, `Revoked token ${name}`);
      }),
    );
}

function addHandOver(command: Command): Command {
  return command
    .option("--out <file>", "write key and secret to this file, readable by you only")
    .option("--exec <command>", "hand them to this shell command, on its standard input")
    .option("--show", "print them")
    .addOption(
      new Option("--format <format>", "how: JSON, lines for the environment, or the secret alone")
        .choices(SECRET_FORMATS)
        .default("json"),
    );
}

async function createToken(
  api: ApiClient,
  terminal: Terminal,
  name: string | undefined,
  flags: CreateFlags,
): Promise<void> {
  const way = await openHandOver(flags, terminal);
  let created: Credentials;
  try {
    created = await api.json<Credentials>("POST", "/v1/tokens", {
      ...(name === undefined ? {} : { name }),
      description: flags.description ?? "",
      api_access: flags.apiAccess ? "enabled" : "disabled",
      scopes: { buckets: flags.bucket, tunnels: [] },
      ...(flags.expiresIn === undefined ? {} : { expires_at: Math.ceil((Date.now() + flags.expiresIn) / 1000) }),
    });
  } catch (error) {
    await way?.abandon();
    throw error;
  }
  if (way !== null) {
    try {
      await way.give(created);
    } catch (cause) {
      await way.abandon();
      throw new CliError(
        `the token ${created.key} was made, but its secret could not be handed over: ${(cause as Error).message}\nNobody has it. To go on: relay token rm ${created.key}, and create it again.`,
        EXIT.failure,
        { cause },
      );
    }
    noteLine(terminal, `Created token ${created.key}; its secret was ${way.where}.`);
  } else if (flags.json === true) printJson(terminal, created);
  else {
    printLine(terminal, `export RELAY_KEY=${created.key}`);
    printLine(terminal, `export RELAY_SECRET=${created.secret}`);
  }
}

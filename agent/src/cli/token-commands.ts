import type { Command } from "commander";
import type { ApiToken } from "../api/objects.js";
import type { CommandContext } from "./command-context.js";
import { CliError, EXIT } from "./exit-codes.js";
import { gather } from "./option-parsers.js";
import { printTable } from "./table.js";
import { printJson, printLine } from "./terminal.js";

/** `relay token`: thin over REST. */
export function addTokenCommands(program: Command, { api }: CommandContext): void {
  const token = program.command("token").description("list and change tokens");
  token
    .command("ls")
    .description("list tokens")
    .option("--json", "print JSON")
    .action(
      api<[{ json?: boolean }]>(async ({ api, terminal }, flags) => {
        const tokens = (await api.json<readonly ApiToken[] | null>("GET", "/v1/tokens")) ?? [];
        if (flags.json === true) return printJson(terminal, tokens);
        const rows = tokens.map((one) => [
          one.id,
          one.description ?? "",
          one.api_access ?? "",
          (one.scopes?.buckets ?? []).join(",") || "all",
        ]);
        printTable(terminal, ["KEY", "DESCRIPTION", "API ACCESS", "BUCKETS"], rows);
      }),
    );
  token
    .command("create [description]")
    .description("create a token; its secret is printed once")
    .option("--bucket <bucket>", "limit it to this bucket; repeatable", gather, [])
    .option("--no-api-access", "for agents only: no management calls")
    .option("--json", "print JSON")
    .action(
      api<[string | undefined, { bucket: string[]; apiAccess: boolean; json?: boolean }]>(
        async ({ api, terminal }, description, flags) => {
          const created = await api.json<{ key: string; secret: string }>("POST", "/v1/tokens", {
            description: description ?? "",
            api_access: flags.apiAccess ? "enabled" : "disabled",
            scopes: { buckets: flags.bucket, tunnels: [] },
          });
          if (flags.json === true) return printJson(terminal, created);
          printLine(terminal, `export RELAY_KEY=${created.key}`);
          printLine(terminal, `export RELAY_SECRET=${created.secret}`);
        },
      ),
    );
  token
    .command("inspect <key>")
    .description("print one token as JSON")
    .action(
      api<[string]>(async ({ api, terminal }, key) => {
        const tokens = (await api.json<readonly ApiToken[] | null>("GET", "/v1/tokens")) ?? [];
        const found = tokens.find(({ id }) => id === key);
        if (found === undefined) throw new CliError(`no token with the key ${key}`, EXIT.failure);
        printJson(terminal, found);
      }),
    );
  token
    .command("rm <key>")
    .description("revoke a token")
    .action(
      api<[string]>(async ({ api, terminal }, key) => {
        await api.json("DELETE", `/v1/tokens/${encodeURIComponent(key)}`);
        printLine(terminal, `Revoked token ${key}`);
      }),
    );
}

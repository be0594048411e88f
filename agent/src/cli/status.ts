import { coloursFor } from "../render/colour.js";
import { printable } from "../render/printable.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { openApi } from "./open-api.js";
import type { Settings } from "./settings.js";
import { printJson, printLine, type Terminal } from "./terminal.js";

interface ConnectedClients {
  readonly webhook_clients?:
    | readonly {
        readonly access_token_key?: string;
        readonly name?: string;
        readonly client_ip?: string;
        readonly client_type?: string;
        readonly client_version?: string;
        readonly bucket_names?: readonly string[] | null;
        readonly subscribed_at?: string | number;
      }[]
    | null;
}

interface Status {
  server: string;
  reachable: boolean;
  serverVersion: string | null;
  agentVersion: string;
  loggedInAs: string | null;
  authorized: boolean;
  agents: NonNullable<ConnectedClients["webhook_clients"]> | null;
  problem: string | null;
}

/** `relay status`: is it working? The exit code says it to scripts: 0 yes, 3 not logged in, 4 server unreachable. */
export async function status(
  terminal: Terminal,
  settings: Settings,
  flags: { readonly json?: boolean },
): Promise<ExitCode> {
  const found: Status = {
    server: settings.apiAddress,
    reachable: false,
    serverVersion: null,
    agentVersion: terminal.version,
    loggedInAs: settings.credentials?.key ?? null,
    authorized: false,
    agents: null,
    problem: null,
  };
  const exitCode = await look(terminal, settings, found);
  if (flags.json === true) printJson(terminal, found);
  else print(terminal, found);
  return exitCode;
}

async function look(terminal: Terminal, settings: Settings, found: Status): Promise<ExitCode> {
  const api = openApi(terminal, settings, settings.credentials);
  try {
    const version = await api.send("GET", "/v1/version");
    found.reachable = true;
    if (version.status === 200)
      found.serverVersion = (JSON.parse(version.text) as { version?: string }).version ?? null;
    if (settings.credentials === null) {
      found.problem = "not logged in. Run: relay login";
      return EXIT.unauthorized;
    }
    const clients = await api.send("GET", "/v1/connected-clients");
    if (clients.status === 401) {
      found.problem = "the server does not accept this key and secret. Run: relay login";
      return EXIT.unauthorized;
    }
    found.authorized = true;
    if (clients.status === 200) found.agents = (JSON.parse(clients.text) as ConnectedClients).webhook_clients ?? [];
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CliError) {
      found.problem = error.message;
      return error.exitCode;
    }
    found.problem = `${settings.apiAddress} does not answer like a relay server`;
    return EXIT.failure;
  } finally {
    await api.close();
  }
}

function print(terminal: Terminal, found: Status): void {
  const colours = coloursFor(terminal.stdout, terminal.env);
  const yes = (text: string) => colours.green(text);
  const no = (text: string) => colours.red(text);
  const line = (name: string, text: string) => printLine(terminal, `${name.padEnd(13)} ${text}`);
  const skew =
    found.serverVersion !== null && found.serverVersion !== found.agentVersion
      ? colours.yellow(" (differs from the server's)")
      : "";
  line("Server", `${found.server} ${found.reachable ? yes("reachable") : no("unreachable")}`);
  if (found.serverVersion !== null)
    line("Version", `server ${printable(found.serverVersion)}, this program ${found.agentVersion}${skew}`);
  else line("Version", `this program ${found.agentVersion}`);
  line(
    "Logged in",
    found.loggedInAs === null ? no("no") : `${found.loggedInAs}${found.authorized ? "" : ` ${no("not verified")}`}`,
  );
  if (found.agents !== null) {
    line(
      "Agents",
      found.agents.length === 0 ? colours.yellow("none connected") : yes(`${found.agents.length} connected`),
    );
    for (const agent of found.agents) {
      const since =
        typeof agent.subscribed_at === "number"
          ? new Date(agent.subscribed_at * 1000).toISOString()
          : agent.subscribed_at;
      const facts = [
        agent.name,
        agent.bucket_names?.join(","),
        agent.client_type,
        agent.client_version,
        agent.client_ip,
        since && `since ${since}`,
      ];
      printLine(terminal, `  ${printable(facts.filter((fact) => fact).join("  "))}`);
    }
  }
  if (found.problem !== null) printLine(terminal, no(printable(found.problem)));
}

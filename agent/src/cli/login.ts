import { refusePlainText } from "../api/refuse-plain-text.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { openApi } from "./open-api.js";
import { askLine, readAll } from "./prompt.js";
import { warnOfSecretArgument } from "./secret-argument.js";
import { ACCOUNT_KEY_NAME, type Settings, value } from "./settings.js";
import { printLine, type Terminal } from "./terminal.js";
import { removeUserFile, writeUserFile } from "./user-file.js";

export interface LoginFlags {
  readonly key?: string;
  readonly secret?: string;
  readonly secretStdin?: boolean;
}

/** `relay login`: takes key and secret from flags, environment, standard input or a prompt, proves them, keeps them. */
export async function login(flags: LoginFlags, terminal: Terminal, settings: Settings): Promise<ExitCode> {
  if (flags.secret !== undefined) warnOfSecretArgument(terminal);
  // Before anybody types a secret that could not be used.
  refusePlainText(settings.apiAddress);
  const { key, secret } = await credentialsOf(flags, terminal);
  if (key === "" || secret === "") throw new CliError("both a token key and a secret are needed", EXIT.usage);
  const api = openApi(terminal, settings, { key, secret });
  try {
    await prove(api);
  } finally {
    await api.close();
  }
  const path = writeUserFile(settings.configDirectory, {
    key,
    secret,
    apiAddress: settings.apiAddress,
    grpcAddress: settings.grpcAddress,
    ...(settings.caFile === null ? {} : { caFile: settings.caFile }),
  });
  printLine(terminal, `Logged in to ${settings.apiAddress} as ${key}. Saved in ${path}.`);
  return EXIT.ok;
}

/** `relay logout`: forgets what login kept. */
export function logout(terminal: Terminal, settings: Settings): ExitCode {
  printLine(terminal, removeUserFile(settings.configDirectory) ? "Logged out." : "Nobody was logged in.");
  return EXIT.ok;
}

async function credentialsOf(flags: LoginFlags, terminal: Terminal): Promise<{ key: string; secret: string }> {
  const { env } = terminal;
  const given = flags.key ?? value(env, "RELAY_KEY");
  const accountKey = value(env, "RELAY_API_KEY");
  if (given === undefined && accountKey !== undefined) return { key: ACCOUNT_KEY_NAME, secret: accountKey };
  const key = given ?? (await askLine(terminal, "Token key: ", { hidden: false }));
  return { key, secret: await secretOf(flags, terminal) };
}

async function secretOf(flags: LoginFlags, terminal: Terminal): Promise<string> {
  if (flags.secretStdin === true) return (await readAll(terminal.stdin)).trim();
  return (
    flags.secret ?? value(terminal.env, "RELAY_SECRET") ?? (await askLine(terminal, "Token secret: ", { hidden: true }))
  );
}

/** A token without API access is refused management calls with 403: it is known, and enough for an agent. */
async function prove(api: ReturnType<typeof openApi>): Promise<void> {
  const { status } = await api.send("GET", "/v1/buckets");
  if (status === 401) {
    throw new CliError(`${api.address} does not accept this key and secret; nothing was saved`, EXIT.unauthorized);
  }
  if (status !== 200 && status !== 403) {
    throw new CliError(`${api.address} answered ${status}: is it a relay server? Nothing was saved`, EXIT.failure);
  }
}

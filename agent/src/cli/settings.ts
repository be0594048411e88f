import { homedir, hostname } from "node:os";
import { join } from "node:path";
import envPaths from "env-paths";
import type { Credentials, CredentialsFile } from "../link/credentials.js";
import { type ProxySettings, readProxySettings } from "../link/http-proxy.js";
import { secretFile, tokenFile } from "./credentials-files.js";
import { CliError, EXIT } from "./exit-codes.js";
import type { RunFile } from "./run-file.js";
import { readUserFile, type UserFile, userFilePath } from "./user-file.js";

/** Flags that every command takes. */
export interface GlobalFlags {
  readonly config?: string;
  readonly server?: string;
  readonly grpcServer?: string;
  readonly caFile?: string;
  readonly tokenFile?: string;
  readonly secretFile?: string;
  readonly insecure?: boolean;
}

/** Credentials among the arguments, as classic container agents have them. */
export interface GivenCredentials {
  readonly key?: string;
  readonly secret?: string;
}

/** Credentials, and the file they came from when it may change later; null when they are from arguments or environment. */
export interface GottenCredentials extends Credentials {
  readonly file: CredentialsFile | null;
}

/** The user name that stands for the account's API key: with it the key goes where a token's secret does. */
export const ACCOUNT_KEY_NAME = "whr";

/** Where the server is, who we are, how to verify it. Precedence: flag, environment, run file, user file, default. */
export interface Settings {
  readonly configDirectory: string;
  readonly stateDirectory: string;
  /** REST base without trailing slash. */
  readonly apiAddress: string;
  readonly grpcAddress: string;
  readonly webSocketAddress: string;
  readonly webSocketTransport: boolean;
  readonly requireTls: boolean;
  readonly insecure: boolean;
  readonly caFile: string | null;
  readonly proxy: ProxySettings;
  readonly agentName: string;
  readonly agentNameGiven: boolean;
  /** Null when nobody is logged in. */
  readonly credentials: GottenCredentials | null;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_API_ADDRESS = "http://localhost:9301";
const GRPC_PORT = 9302;
const HTTPS_PORT = 9300;

/** Resolves the settings. Throws CliError naming the variable or flag when a value is wrong. */
export function resolveSettings(
  flags: GlobalFlags & GivenCredentials,
  env: Environment,
  runFile: RunFile | null = null,
): Settings {
  const configDirectory = flags.config ?? value(env, "RELAY_CONFIG_DIR") ?? join(homedir(), ".relay");
  const user = readUserFile(configDirectory);
  const api = httpUrl(
    flags.server ?? value(env, "RELAY_API_ADDRESS") ?? runFile?.server ?? user?.apiAddress ?? DEFAULT_API_ADDRESS,
  );
  const grpcGiven = flags.grpcServer ?? value(env, "RELAY_GRPC_API_ADDRESS");
  // An address that was saved at login belongs to the server of that login.
  const grpcSaved = user?.apiAddress === api ? user.grpcAddress : undefined;
  const name = value(env, "RELAY_AGENT_NAME");
  return {
    configDirectory,
    stateDirectory: value(env, "RELAY_STATE_DIR") ?? envPaths("relay", { suffix: "" }).data,
    apiAddress: api,
    grpcAddress: hostAndPort(grpcGiven ?? grpcSaved ?? `${new URL(api).hostname}:${GRPC_PORT}`),
    webSocketAddress: webSocketUrl(value(env, "RELAY_WS_ADDRESS"), api),
    webSocketTransport: flag(env, "WEBSOCKET_TRANSPORT", false),
    requireTls: flag(env, "RELAY_REQUIRE_TLS", true),
    insecure: flags.insecure ?? flag(env, "RELAY_INSECURE", false),
    caFile: flags.caFile ?? value(env, "RELAY_CA_FILE") ?? user?.caFile ?? null,
    proxy: readProxySettings(env),
    agentName: name ?? hostname(),
    agentNameGiven: name !== undefined,
    credentials: credentialsOf(flags, env, runFile, configDirectory, user),
  };
}

/** The credentials. Throws CliError (exit code 3) when there are none. */
export function requireCredentials(settings: Settings): GottenCredentials {
  if (settings.credentials !== null) return settings.credentials;
  throw new CliError("not logged in. Run: relay login (or set RELAY_KEY and RELAY_SECRET)", EXIT.unauthorized);
}

/** A variable's value; empty counts as unset. */
export function value(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === "" ? undefined : text;
}

function credentialsOf(
  flags: GlobalFlags & GivenCredentials,
  env: Environment,
  runFile: RunFile | null,
  configDirectory: string,
  user: UserFile | null,
): Settings["credentials"] {
  const fromFile = credentialsFromFlaggedFile(flags, env, runFile?.key ?? user?.key);
  if (fromFile !== null) return { ...fromFile.read(), file: fromFile };
  const givenKey = flags.key ?? value(env, "RELAY_KEY") ?? value(env, "KEY");
  const givenSecret = flags.secret ?? value(env, "RELAY_SECRET") ?? value(env, "SECRET");
  const accountKey = value(env, "RELAY_API_KEY");
  if (givenKey === undefined && givenSecret === undefined && accountKey !== undefined) {
    return { key: ACCOUNT_KEY_NAME, secret: accountKey, file: null };
  }
  const key = givenKey ?? runFile?.key ?? user?.key;
  if (key !== undefined && givenSecret !== undefined) return { key, secret: givenSecret, file: null };
  if (key !== undefined && runFile?.secret !== undefined) {
    return { key, secret: runFile.secret, file: runFileAgain(runFile, givenKey) };
  }
  // A secret belongs to its key: one of another source would only be refused with a puzzling message.
  if (user !== null && key === user.key && givenSecret === undefined) {
    return { key, secret: user.secret, file: userFileAgain(configDirectory) };
  }
  if (key === undefined && givenSecret === undefined && runFile?.secret === undefined) return null;
  if (key === undefined) throw new CliError("RELAY_SECRET is set but RELAY_KEY is not: set both", EXIT.usage);
  throw new CliError("RELAY_KEY is set but RELAY_SECRET is not: set both", EXIT.usage);
}

/** The file named by `--token-file` or `--secret-file`, or by their variables; null when none is. */
function credentialsFromFlaggedFile(
  flags: GlobalFlags & GivenCredentials,
  env: Environment,
  otherKey: string | undefined,
): CredentialsFile | null {
  const flagged = flags.tokenFile !== undefined || flags.secretFile !== undefined;
  // What is among the arguments goes before what is in the environment.
  if (!flagged && (flags.key !== undefined || flags.secret !== undefined)) return null;
  const token = flagged ? flags.tokenFile : value(env, "RELAY_TOKEN_FILE");
  const secret = flagged ? flags.secretFile : value(env, "RELAY_SECRET_FILE");
  if (token !== undefined && secret !== undefined) {
    throw new CliError("a token file and a secret file exclude each other: give one", EXIT.usage);
  }
  if (
    !flagged &&
    (token ?? secret) !== undefined &&
    (value(env, "RELAY_SECRET") ?? value(env, "SECRET")) !== undefined
  ) {
    throw new CliError(
      `${token === undefined ? "RELAY_SECRET_FILE" : "RELAY_TOKEN_FILE"} and RELAY_SECRET are both set: unset one`,
      EXIT.usage,
    );
  }
  if (token !== undefined) return tokenFile(token);
  if (secret === undefined) return null;
  const key = flags.key ?? value(env, "RELAY_KEY") ?? value(env, "KEY") ?? otherKey;
  if (key === undefined) {
    throw new CliError(`${secret} holds the secret, but there is no key: set RELAY_KEY`, EXIT.usage);
  }
  return secretFile(secret, key);
}

function runFileAgain(runFile: RunFile, givenKey: string | undefined): CredentialsFile | null {
  const { source } = runFile;
  if (source === undefined) return null;
  return {
    path: source.path,
    read() {
      const { key, secret } = source.read();
      const found = givenKey ?? key;
      if (found !== undefined && secret !== undefined) return { key: found, secret };
      throw new CliError(`${source.path} holds no key and secret any more`, EXIT.usage);
    },
  };
}

function userFileAgain(configDirectory: string): CredentialsFile {
  return {
    path: userFilePath(configDirectory),
    read() {
      const user = readUserFile(configDirectory);
      if (user === null) throw new CliError(`${userFilePath(configDirectory)} is gone`, EXIT.unauthorized);
      return { key: user.key, secret: user.secret };
    },
  };
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new CliError(
      `the server address "${text}" is not an http or https URL, such as https://relay.example.com`,
      EXIT.usage,
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function hostAndPort(text: string): string {
  const bare = text.replace(/^[a-z]+:\/\//i, "").replace(/\/+$/, "");
  const url = URL.canParse(`ws://${bare}`) ? new URL(`ws://${bare}`) : null;
  if (url === null || url.hostname === "" || url.pathname !== "/") {
    throw new CliError(`the gRPC address "${text}" is not host:port, such as relay.example.com:9302`, EXIT.usage);
  }
  const port = /:(\d+)$/.exec(bare)?.[1] ?? String(GRPC_PORT);
  return `${url.hostname}:${port}`;
}

function webSocketUrl(given: string | undefined, api: string): string {
  if (given === undefined) {
    const url = new URL(api);
    return url.protocol === "https:" ? `wss://${url.host}` : `wss://${url.hostname}:${HTTPS_PORT}`;
  }
  const url = URL.canParse(given) ? new URL(given) : null;
  const scheme = url?.protocol.replace("http", "ws");
  if (url === null || (scheme !== "wss:" && scheme !== "ws:")) {
    throw new CliError(
      `RELAY_WS_ADDRESS is "${given}", not a wss:// URL such as wss://relay.example.com:9300`,
      EXIT.usage,
    );
  }
  return `${scheme}//${url.host}`;
}

function flag(env: Environment, name: string, otherwise: boolean): boolean {
  const text = value(env, name)?.toLowerCase();
  if (text === undefined) return otherwise;
  if (text === "true" || text === "1" || text === "yes") return true;
  if (text === "false" || text === "0" || text === "no") return false;
  throw new CliError(`${name} is "${env[name]}": it takes true or false`, EXIT.usage);
}

import { Ajv, type ErrorObject } from "ajv";
import { configSchema, FORMATS } from "./config-schema.js";
import { parseValue, type Value, writeValue } from "./parse-value.js";
import { readSecretFile } from "./secret-file.js";
import { SETTINGS, type Setting, type TextFormat } from "./settings.js";
import { unknownVariables } from "./unknown-variables.js";

type ValueOf<S extends Setting> = S extends { readonly type: "choice"; readonly choices: readonly (infer C)[] }
  ? C
  : S extends { readonly type: "boolean" }
    ? boolean
    : S extends { readonly type: "list" }
      ? readonly string[]
      : S extends { readonly type: "string" }
        ? string
        : number;

type Key = (typeof SETTINGS)[number]["key"];

/** The server's configuration: validated, frozen. Times are milliseconds, sizes are bytes. */
export type Config = { readonly [S in (typeof SETTINGS)[number] as S["key"]]: ValueOf<S> } & {
  /** The file that a secret was read from, where one was named: it may hold another one later. */
  readonly secretFiles: { readonly [K in Key]?: string };
};

/** The environment is wrong; the message lists everything that is, one line each. */
export class ConfigError extends Error {
  override name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join("\n")}\nSee --help for all settings.`,
    );
    this.problems = problems;
  }
}

const settings: readonly Setting[] = SETTINGS;
const validate = newValidator();

/** What the environment says about one setting. */
interface Given {
  /** Empty: not set. */
  readonly text: string;
  /** What it was set by, for messages: the variable, or the one that names a file with the file. */
  readonly by: string;
  readonly file?: string;
}

/**
 * Reads the configuration from environment variables, and secrets from the files that variables name; an empty variable
 * counts as not set. Throws `ConfigError`. `warn` gets a sentence for each variable that was probably meant for the server
 * and is none of its settings, and for each secret that lies open.
 */
export function loadConfig(env: NodeJS.ProcessEnv, warn: (text: string) => void = warnOnStderr): Config {
  const values: Record<string, Value> = {};
  const given = new Map<string, Given>();
  const problems = new Map<string, string>();
  for (const setting of settings) {
    values[setting.key] = setting.default;
    const found = readSetting(setting, env, warn);
    if ("problem" in found) {
      problems.set(setting.key, found.problem);
      continue;
    }
    given.set(setting.key, found);
    if (found.text === "") continue;
    const parsed = parseValue(setting.type, found.text);
    if ("problem" in parsed) problems.set(setting.key, sentence(setting, found, parsed.problem));
    else values[setting.key] = parsed.value;
  }
  if (!validate(values)) {
    for (const error of validate.errors ?? []) {
      const setting = settings.find(({ key }) => key === error.instancePath.split("/")[1]);
      const found = given.get(setting?.key ?? "");
      if (setting === undefined || found === undefined) throw new Error(`configuration schema: ${error.message}`);
      problems.set(setting.key, sentence(setting, found, problemOf(setting, error)));
    }
  }
  const files = [...given].flatMap(([key, { file }]) => (file === undefined ? [] : [[key, file]]));
  const config = { ...values, secretFiles: Object.fromEntries(files) } as unknown as Config;
  const all = problems.size > 0 ? [...problems.values()] : contradictions(config);
  if (all.length > 0) throw new ConfigError(all);
  for (const text of unknownVariables(Object.keys(env))) warn(text);
  return Object.freeze(config);
}

function readSetting(
  { variable, secret }: Setting,
  env: NodeJS.ProcessEnv,
  warn: (text: string) => void,
): Given | { readonly problem: string } {
  const text = env[variable]?.trim() ?? "";
  const fileVariable = `${variable}_FILE`;
  const file = secret === true ? (env[fileVariable]?.trim() ?? "") : "";
  if (file === "") return { text, by: variable };
  if (text !== "") return { problem: `${variable} and ${fileVariable}: set one of them.` };
  const read = readSecretFile(file);
  if ("problem" in read) return { problem: `${fileVariable}: ${file} ${read.problem}.` };
  if (read.warning !== undefined) warn(`${fileVariable}: ${file} ${read.warning}`);
  return { text: read.text, by: `${fileVariable} (${file})`, file };
}

function sentence(setting: Setting, { text, by, file }: Given, problem: string): string {
  const shown = setting.secret === true ? "the value" : JSON.stringify(text);
  const example = file === undefined ? `${setting.variable}=${setting.example}` : setting.example;
  return `${by}: ${shown} ${problem}. Example: ${example}`;
}

function problemOf(setting: Setting, error: ErrorObject): string {
  if (setting.type === "choice") return `is none of ${setting.choices.join(", ")}`;
  if (error.keyword === "format") return `is not valid: it must be ${FORMATS[error.params.format as TextFormat].words}`;
  if ("min" in setting) {
    const [min, max] = [writeValue(setting.type, setting.min), writeValue(setting.type, setting.max)];
    return `is outside the range from ${min} to ${max}`;
  }
  return error.message ?? "is wrong";
}

/** What is wrong between settings that are right by themselves. */
function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if ((config.certPath === "") !== (config.certKeyPath === "")) {
    problems.push("CERT_PATH and CERT_KEY_PATH: set both, or none for a self-signed certificate.");
  }
  if ((config.adminApiKey === "") !== (config.adminApiSecret === "")) {
    problems.push("ADMIN_API_KEY and ADMIN_API_SECRET: set both, or none for a token that the first start makes.");
  }
  if ((config.statusUsername === "") !== (config.statusPassword === "")) {
    problems.push("STATUS_USERNAME and STATUS_PASSWORD: set both, or none for a listener that asks nobody.");
  }
  problems.push(...databaseContradictions(config), ...keyContradictions(config));
  if (config.maxLargeBodyBytes < config.maxBodyBytes) {
    problems.push("MAX_LARGE_BODY_BYTES: must not be smaller than MAX_BODY_BYTES.");
  }
  const ports = { HTTP_API_PORT: config.httpPort, HTTPS_API_PORT: config.httpsPort, GRPC_API_PORT: config.grpcPort };
  const seen = new Map<number, string>();
  for (const [name, port] of Object.entries(ports)) {
    const other = seen.get(port);
    if (port !== 0 && other !== undefined)
      problems.push(`${other} and ${name}: both are ${port}; give each its own port.`);
    seen.set(port, name);
  }
  return problems;
}

/** The database is named whole, in parts, or not at all: half a name would silently start the private one. */
function databaseContradictions(config: Config): string[] {
  if (config.postgresHost !== "") {
    if (config.databaseUrl !== "") return ["DATABASE_URL and POSTGRES_HOST: set one of them."];
    return config.postgresUser === "" ? ["POSTGRES_HOST: set POSTGRES_USER with it."] : [];
  }
  if (config.databaseUrl !== "") return [];
  const parts = {
    POSTGRES_USER: config.postgresUser,
    POSTGRES_PASSWORD: config.postgresPassword,
    POSTGRES_DB: config.postgresDatabase,
    POSTGRES_CA_CRT: config.postgresCa,
  };
  const stray = Object.entries(parts).filter(([, value]) => value !== "");
  return stray.slice(0, 1).map(([name]) => `${name}: set POSTGRES_HOST with it, or DATABASE_URL alone.`);
}

function keyContradictions(config: Config): string[] {
  if (config.kmsKey === "") {
    const stray = { KMS_OLD_KEYS: config.kmsOldKeys.length > 0, KMS_ENDPOINT: config.kmsEndpoint !== "" };
    return Object.entries(stray).flatMap(([name, given]) => (given ? [`${name}: set KMS_KEY with it.`] : []));
  }
  return config.wrapWith === "file" && config.keyFile === "" ? ["WRAP_WITH: set KEY_FILE with it."] : [];
}

function newValidator() {
  const ajv = new Ajv({ allErrors: true, strict: true });
  for (const [name, { accepts }] of Object.entries(FORMATS))
    ajv.addFormat(name, (text) => text === "" || accepts(text));
  return ajv.compile(configSchema(settings));
}

function warnOnStderr(text: string): void {
  process.stderr.write(`relay: warning: ${text}\n`);
}

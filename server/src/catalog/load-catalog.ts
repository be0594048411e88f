import type pg from "pg";
import { FUNCTION_REFERENCES } from "../attributes/function-references.js";
import { openSecrets, type SealedSecrets, type SealedTable } from "../attributes/seal-secrets.js";
import type { SettingSecrets } from "../attributes/settings.js";
import { ACCOUNT_KEY_NAME } from "../auth/account-key.js";
import type { SealBrokenError } from "../crypto/sealer.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import { selectBuckets } from "../store/buckets.js";
import { readCatalogVersion } from "../store/catalog-version.js";
import { selectCrons } from "../store/crons.js";
import { selectFunctions } from "../store/functions.js";
import { selectInputs } from "../store/inputs.js";
import { selectOutputs } from "../store/outputs.js";
import { selectTokens } from "../store/tokens.js";
import type { Bucket, Input, Output, RelayFunction, Token } from "./model.js";

/** Everything people configured, at one moment. Nothing in it ever changes. */
export interface CatalogSnapshot {
  readonly version: number;
  readonly buckets: readonly Bucket[];
  readonly bucketById: ReadonlyMap<string, Bucket>;
  readonly bucketByName: ReadonlyMap<string, Bucket>;
  readonly inputById: ReadonlyMap<string, { readonly input: Input; readonly bucket: Bucket }>;
  readonly outputById: ReadonlyMap<string, Output>;
  /** By name. */
  readonly functions: readonly RelayFunction[];
  readonly functionById: ReadonlyMap<string, RelayFunction>;
  readonly functionByName: ReadonlyMap<string, RelayFunction>;
  readonly tokens: readonly Token[];
  /** By id; the account's API key also by `whr`. */
  readonly tokenById: ReadonlyMap<string, Token>;
  readonly tokenByName: ReadonlyMap<string, Token>;
}

export interface SecretOpening {
  readonly settingSealer: SettingSealer;
  readonly onBroken: (error: SealBrokenError) => void;
}

export const EMPTY_SNAPSHOT: CatalogSnapshot = {
  version: 0,
  buckets: [],
  bucketById: new Map(),
  bucketByName: new Map(),
  inputById: new Map(),
  outputById: new Map(),
  functions: [],
  functionById: new Map(),
  functionByName: new Map(),
  tokens: [],
  tokenById: new Map(),
  tokenByName: new Map(),
};

/**
 * Reads the whole catalog in one repeatable-read transaction. Returns `known` itself when its version is still the
 * newest, at the cost of one small statement.
 */
export async function loadCatalog(
  pool: pg.Pool,
  known: CatalogSnapshot,
  secrets: SecretOpening,
): Promise<CatalogSnapshot> {
  if ((await readCatalogVersion(pool)) === known.version) return known;
  const client = await pool.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const version = await readCatalogVersion(client);
    const buckets = await selectBuckets(client);
    const functions = (await selectFunctions(client)).map((row) => Object.freeze(opened("function", row, secrets)));
    const names = new Map(functions.map(({ id, name }) => [id, name]));
    const inputs = byBucket((await selectInputs(client)).map((row) => named(opened("input", row, secrets), names)));
    const outputs = byBucket((await selectOutputs(client)).map((row) => named(opened("output", row, secrets), names)));
    const crons = byBucket((await selectCrons(client)).map((row) => named(row, names)));
    const tokens = await selectTokens(client);
    await client.query("COMMIT");
    client.release();
    const whole = buckets.map((bucket) =>
      Object.freeze({
        ...bucket,
        inputs: Object.freeze(inputs.get(bucket.id) ?? []),
        outputs: Object.freeze(outputs.get(bucket.id) ?? []),
        crons: Object.freeze(crons.get(bucket.id) ?? []),
      }),
    );
    return index(version, { buckets: whole, functions, tokens });
  } catch (error) {
    // Ends the session, and with it the transaction.
    client.release(true);
    throw error;
  }
}

/** Gives an object the secrets of its settings. */
function opened<T extends { readonly id: string; readonly sealed: SealedSecrets }>(
  table: SealedTable,
  { sealed, ...object }: T,
  { settingSealer, onBroken }: SecretOpening,
): Omit<T, "sealed"> & { readonly secrets: SettingSecrets } {
  return { ...object, secrets: openSecrets(settingSealer, { table, id: object.id }, { sealed, onBroken }) };
}

/** Gives an object the names of its functions. */
function named<T extends { readonly settings: object }>(
  object: T,
  names: ReadonlyMap<string, string>,
): T & { readonly functionNames?: Readonly<Record<string, string>> } {
  const settings = object.settings as Readonly<Record<string, unknown>>;
  const found = FUNCTION_REFERENCES.flatMap((attribute): [string, string][] => {
    const name = names.get(String(settings[attribute]));
    return name === undefined ? [] : [[attribute, name]];
  });
  return found.length === 0 ? object : { ...object, functionNames: Object.fromEntries(found) };
}

/** Keys by which clients name a token: its id, and for the account's API key also the name it goes by. */
function keysOf(token: Token): string[] {
  return token.accountKey ? [token.id, ACCOUNT_KEY_NAME] : [token.id];
}

function byBucket<T extends { readonly bucketId: string }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    Object.freeze(item);
    const group = groups.get(item.bucketId);
    if (group === undefined) groups.set(item.bucketId, [item]);
    else group.push(item);
  }
  return groups;
}

function index(
  version: number,
  { buckets, functions, tokens }: Pick<CatalogSnapshot, "buckets" | "functions" | "tokens">,
): CatalogSnapshot {
  const inputById = new Map<string, { readonly input: Input; readonly bucket: Bucket }>();
  for (const bucket of buckets) {
    for (const input of bucket.inputs) inputById.set(input.id, { input, bucket });
  }
  return {
    version,
    buckets,
    bucketById: new Map(buckets.map((bucket) => [bucket.id, bucket])),
    bucketByName: new Map(buckets.map((bucket) => [bucket.name, bucket])),
    inputById,
    outputById: new Map(buckets.flatMap(({ outputs }) => outputs.map((output) => [output.id, output]))),
    functions,
    functionById: new Map(functions.map((each) => [each.id, each])),
    functionByName: new Map(functions.map((each) => [each.name, each])),
    tokens: tokens.filter(({ accountKey }) => !accountKey),
    tokenById: new Map(tokens.flatMap((token) => keysOf(token).map((key) => [key, Object.freeze(token)]))),
    tokenByName: new Map(tokens.flatMap((token) => (token.name === null ? [] : [[token.name, token]]))),
  };
}

import { SETTINGS, type Setting } from "./settings.js";

/** Variables of the agent and the quick start: not the server's, and no mistake beside it. */
const OTHERS =
  /^RELAY_(KEY|SECRET|API_KEY|API_ADDRESS|GRPC_API_ADDRESS|WS_ADDRESS|TUNNEL_API_ADDRESS|REQUIRE_TLS|INSECURE|CA_FILE|RETRIES|AGENT.*|STATE.*|CONFIG.*|LEDGER.*|TEST_.*)$/;

const TUNNELS = "there are no tunnels in this version.";
const CERTIFICATES = "bring a certificate by CERT_PATH and CERT_KEY_PATH.";
const COMMITTED = "every webhook is committed before it is answered.";

/** What other servers of this kind read and this one does not: the rest of "… is not used here: ". */
const ELSEWHERE: Readonly<Record<string, string>> = {
  XDG_DATA_HOME: "set RELAY_DATA_DIR.",
  ADMIN_USERNAME: "there is no dashboard; set ADMIN_API_KEY.",
  ADMIN_PASSWORD: "there is no dashboard; set ADMIN_API_SECRET.",
  JWT_SECRET: "there are no dashboard sessions.",
  FRONTEND_URL: "set PUBLIC_URL.",
  MY_ADDRESS: "set PUBLIC_URL.",
  TUNNEL_API_PORT: TUNNELS,
  TUNNEL_HTTP_PORT: TUNNELS,
  TUNNEL_HTTPS_PORT: TUNNELS,
  TUNNEL_API_HOSTNAME: TUNNELS,
  MANAGED_DOMAINS: CERTIFICATES,
  CA_URL: CERTIFICATES,
  CA_EMAIL: CERTIFICATES,
  CLOUDFLARE_EMAIL: CERTIFICATES,
  CLOUDFLARE_API_KEY: CERTIFICATES,
  DB_MAX_IDLE_CONNS: "idle connections end after a minute; DB_MAX_OPEN_CONNS limits all.",
  DB_CONN_MAX_LIFETIME: "idle connections end after a minute; DB_MAX_OPEN_CONNS limits all.",
  REDIS_HOST: "servers talk through PostgreSQL.",
  LOGS_RETENTION_JOB_SCHEDULE: "retention runs at start and every hour; set LOGS_RETENTION_DAYS.",
  FUNCTIONS_BUCKET_URL: "there are no functions in this version.",
  ACCELERATOR_ENABLED: COMMITTED,
  ACCELERATOR_STORAGE_TYPE: COMMITTED,
  ACCELERATOR_PATH: COMMITTED,
  ACCELERATOR_SYNC_WRITES: COMMITTED,
  ACCELERATOR_COMPRESSION_LEVEL: COMMITTED,
  ACCELERATOR_BATCH_SIZE: COMMITTED,
  ACCELERATOR_COLLECT_FREQUENCY: COMMITTED,
};

const settings: readonly Setting[] = SETTINGS;
const NAMES: readonly string[] = settings.flatMap(({ variable, secret }) =>
  secret === true ? [variable, `${variable}_FILE`] : [variable],
);

/** One sentence for each variable that looks as if it was meant for the server, but is not a setting. */
export function unknownVariables(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (NAMES.includes(name)) return [];
    const instead = ELSEWHERE[name];
    if (instead !== undefined) return [`${name} is not used here: ${instead}`];
    const inFile = name.replace(/_FILE$/, "");
    if (inFile !== name && NAMES.includes(inFile))
      return [`${name} is not a setting of the server: only secrets are read from files, set ${inFile}.`];
    const bare = name.replace(/^RELAY_/, "");
    const near = NAMES.find((known) => known === bare || known === `RELAY_${name}`) ?? nearest(name);
    if (near !== undefined) return [`${name} is not a setting of the server: did you mean ${near}?`];
    if (name.startsWith("RELAY_") && !OTHERS.test(name))
      return [`${name} is not a setting of the server: it has no effect.`];
    return [];
  });
}

function nearest(name: string): string | undefined {
  return NAMES.find((known) => known.length >= 8 && distance(known, name, 2) <= 2);
}

/** Levenshtein distance; anything above `limit` is `limit + 1`. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row[b.length] ?? 0, limit + 1);
}

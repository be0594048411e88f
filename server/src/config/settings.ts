/**
 * The one definition of the server's settings: their parsing, validation, `--help` and the table in the docs come from it.
 * Names follow other servers of this kind where they have one.
 */
export interface SettingBase {
  readonly variable: string;
  /** Name in the configuration object. */
  readonly key: string;
  readonly doc: string;
  /** A value that works, as one writes it. */
  readonly example: string;
  /** Never shown, not even when it is wrong; may also come from a file, named by the variable with _FILE at its end. */
  readonly secret?: true;
}

export type Setting = SettingBase &
  (
    | { readonly type: "string"; readonly default: string; readonly format?: TextFormat }
    | { readonly type: "choice"; readonly default: string; readonly choices: readonly string[] }
    | { readonly type: "boolean"; readonly default: boolean }
    | { readonly type: "list"; readonly default: readonly string[]; readonly format: TextFormat }
    /** In the configuration object: a plain number, milliseconds, bytes. Defaults and bounds are written likewise. */
    | {
        readonly type: "integer" | "duration" | "bytes";
        readonly default: number;
        readonly min: number;
        readonly max: number;
      }
  );

export type TextFormat =
  | "uuid"
  | "http-url"
  | "postgres-url"
  | "database-host"
  | "role-name"
  | "login-name"
  | "address"
  | "network"
  | "allowed-destination"
  | "proxy-url"
  | "kms-key"
  | "kms-endpoint"
  | "bcrypt-secret";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const KIB = 1_024;
const MIB = 1_024 * KIB;
const PORT = { type: "integer", min: 0, max: 65_535 } as const;

export const SETTINGS = [
  {
    variable: "RELAY_DATA_DIR",
    key: "dataDir",
    type: "string",
    default: ".relay",
    example: "/var/lib/relay",
    doc: "Folder of the embedded database, the key file and the certificate.",
  },
  {
    variable: "DATABASE_URL",
    key: "databaseUrl",
    type: "string",
    format: "postgres-url",
    default: "",
    example: "postgresql://relay:password@db.example.com:5432/relay",
    secret: true,
    doc: "A PostgreSQL (15 or newer) of your own. Empty: the server starts its private PostgreSQL in the data directory.",
  },
  {
    variable: "POSTGRES_HOST",
    key: "postgresHost",
    type: "string",
    format: "database-host",
    default: "",
    example: "db.example.com:5432",
    doc: "The same in parts, instead of DATABASE_URL: host, with or without a port, or the folder of a Unix socket.",
  },
  {
    variable: "POSTGRES_USER",
    key: "postgresUser",
    type: "string",
    default: "",
    example: "relay",
    doc: "Role that owns the database, with POSTGRES_HOST.",
  },
  {
    variable: "POSTGRES_PASSWORD",
    key: "postgresPassword",
    type: "string",
    default: "",
    example: "the role's password, as it is",
    secret: true,
    doc: "Its password, with POSTGRES_HOST; nothing in it needs encoding.",
  },
  {
    variable: "POSTGRES_DB",
    key: "postgresDatabase",
    type: "string",
    default: "",
    example: "relay",
    doc: "Name of the database, with POSTGRES_HOST. Empty: as the role.",
  },
  {
    variable: "POSTGRES_CA_CRT",
    key: "postgresCa",
    type: "string",
    default: "",
    example: "/etc/relay/postgres-ca.pem",
    doc: "Authority of the database's certificate, with POSTGRES_HOST: a file, or the PEM text itself. Set, the connection uses TLS and checks certificate and host name. Empty: no TLS.",
  },
  {
    variable: "DATABASE_ROLE",
    key: "databaseRole",
    type: "string",
    format: "role-name",
    default: "",
    example: "relay_owner",
    doc: "Role that every connection acts as, and that owns the tables, whoever logs in: for logins that come and go, as those of cloud identities. The word migrate makes it. Empty: the login's own.",
  },
  {
    variable: "DATABASE_ROLE_MEMBERS",
    key: "databaseRoleMembers",
    type: "list",
    format: "login-name",
    default: [],
    example: "relay-server@my-project.iam",
    doc: "Logins that the word migrate makes members of DATABASE_ROLE, comma-separated: those of the servers.",
  },
  {
    variable: "DB_MAX_OPEN_CONNS",
    key: "databasePoolSize",
    type: "integer",
    default: 10,
    min: 2,
    max: 200,
    example: "10",
    doc: "Most database connections at a time, beside the eight that take webhooks, hand them out to who pulls, record deliveries and listen.",
  },
  {
    variable: "MIGRATE_ON_START",
    key: "migrateOnStart",
    type: "boolean",
    default: true,
    example: "false",
    doc: "Whether a start brings the database's tables up to date. Without it the server refuses to start on tables that are behind: run it with the word migrate first.",
  },
  {
    variable: "LISTEN_ADDRESS",
    key: "listenAddress",
    type: "string",
    format: "address",
    default: "127.0.0.1",
    example: "0.0.0.0",
    doc: "Address of the HTTP, HTTPS and gRPC listeners. In a container: 0.0.0.0.",
  },
  {
    ...PORT,
    variable: "HTTP_API_PORT",
    key: "httpPort",
    default: 9301,
    example: "8080",
    doc: "Inputs and REST API, plain HTTP. 0 takes any free port.",
  },
  {
    ...PORT,
    variable: "HTTPS_API_PORT",
    key: "httpsPort",
    default: 9300,
    example: "8443",
    doc: "The same over TLS, and the WebSocket agent link. 0 takes any free port.",
  },
  {
    ...PORT,
    variable: "GRPC_API_PORT",
    key: "grpcPort",
    default: 9302,
    example: "8444",
    doc: "The gRPC agent link, over TLS. 0 takes any free port.",
  },
  {
    variable: "STATUS_ADDRESS",
    key: "statusAddress",
    type: "string",
    format: "address",
    default: "127.0.0.1",
    example: "0.0.0.0",
    doc: "Address of the status listener. Without STATUS_PASSWORD it asks nobody who they are: keep it inside.",
  },
  {
    ...PORT,
    variable: "STATUS_PORT",
    key: "statusPort",
    default: 9803,
    example: "9090",
    doc: "/healthz, /readyz and /metrics. 0 takes any free port.",
  },
  {
    variable: "STATUS_USERNAME",
    key: "statusUsername",
    type: "string",
    default: "",
    example: "monitor",
    doc: "User name (HTTP Basic) that the status listener asks for, on all its paths, health checks included.",
  },
  {
    variable: "STATUS_PASSWORD",
    key: "statusPassword",
    type: "string",
    default: "",
    example: "the output of: openssl rand -base64 32",
    secret: true,
    doc: "Its password. The listener speaks plain HTTP: keep it inside all the same.",
  },
  {
    variable: "PUBLIC_URL",
    key: "publicUrl",
    type: "string",
    format: "http-url",
    default: "",
    example: "https://hooks.example.com",
    doc: "What input URLs begin with, as senders see it. Empty: http://localhost with the HTTP port.",
  },
  {
    variable: "CERT_PATH",
    key: "certPath",
    type: "string",
    default: "",
    example: "/etc/relay/cert.pem",
    doc: "TLS certificate chain (PEM). Empty: a self-signed one is made in the data directory.",
  },
  {
    variable: "CERT_KEY_PATH",
    key: "certKeyPath",
    type: "string",
    default: "",
    example: "/etc/relay/key.pem",
    doc: "Private key of the certificate (PEM).",
  },
  {
    variable: "KEY_FILE",
    key: "keyFile",
    type: "string",
    default: "",
    example: "/etc/relay/encryption-key",
    doc: "The key file that everything stored is encrypted under (docs/encryption.md). Empty: `key` in the data directory.",
  },
  {
    variable: "KMS_KEY",
    key: "kmsKey",
    type: "string",
    format: "kms-key",
    default: "",
    example: "projects/acme/locations/europe-west1/keyRings/relay/cryptoKeys/data-keys",
    doc: "A key in Google Cloud KMS in place of the key file (docs/encryption.md); its name without a version.",
  },
  {
    variable: "KMS_OLD_KEYS",
    key: "kmsOldKeys",
    type: "list",
    format: "kms-key",
    default: [],
    example: "projects/acme/locations/europe-west4/keyRings/relay/cryptoKeys/data-keys",
    doc: "Keys in Cloud KMS that were KMS_KEY before, comma-separated: they open what they wrapped until it is wrapped anew.",
  },
  {
    variable: "KMS_GRACE",
    key: "kmsGraceMs",
    type: "duration",
    default: 60 * MINUTE,
    min: SECOND,
    max: 7 * DAY,
    example: "4h",
    doc: "How long data keys in memory are used while Cloud KMS is out of reach; then the server answers 503.",
  },
  {
    variable: "KMS_ENDPOINT",
    key: "kmsEndpoint",
    type: "string",
    format: "kms-endpoint",
    default: "",
    example: "cloudkms-relay.p.googleapis.com",
    doc: "Where Cloud KMS is, for a private endpoint. Empty: cloudkms.googleapis.com.",
  },
  {
    variable: "WRAP_WITH",
    key: "wrapWith",
    type: "choice",
    choices: ["kms", "file"],
    default: "kms",
    example: "file",
    doc: "Which one wraps when both KMS_KEY and KEY_FILE are set, for the way from one to the other.",
  },
  {
    variable: "ADMIN_API_KEY",
    key: "adminApiKey",
    type: "string",
    format: "uuid",
    default: "",
    example: "4cbd4b1c-0e0e-4d4e-9d0e-0d5a2a1c6c4e",
    doc: "Key (a UUID) of an administrator token, made or updated at start. Empty: the first start makes one and prints it once.",
  },
  {
    variable: "ADMIN_API_SECRET",
    key: "adminApiSecret",
    type: "string",
    format: "bcrypt-secret",
    default: "",
    example: "the output of: openssl rand -base64 32",
    secret: true,
    doc: "Secret of that token: 16 to 72 bytes.",
  },
  {
    variable: "LOGS_RETENTION_DAYS",
    key: "retentionDays",
    type: "integer",
    default: 30,
    min: 1,
    max: 3_650,
    example: "90",
    doc: "Days that webhooks and their outcomes are kept; whole days (UTC) are dropped.",
  },
  {
    variable: "RESUME_WINDOW",
    key: "resumeWindowMs",
    type: "duration",
    default: 10 * MINUTE,
    min: SECOND,
    max: 30 * DAY,
    example: "1h",
    doc: "How long a webhook waits for an agent that is away; after that it is stalled, and can be re-sent.",
  },
  {
    variable: "RESUME_RATE",
    key: "resumeRate",
    type: "integer",
    default: 2_000,
    min: 1,
    max: 1_000_000,
    example: "500",
    doc: "Most missed deliveries per second that an output gets when its agent returns.",
  },
  {
    variable: "MAX_BODY_BYTES",
    key: "maxBodyBytes",
    type: "bytes",
    default: 3 * MIB,
    min: 0,
    max: 64 * MIB,
    example: "1MiB",
    doc: "Largest body of a webhook; above it 413.",
  },
  {
    variable: "MAX_LARGE_BODY_BYTES",
    key: "maxLargeBodyBytes",
    type: "bytes",
    default: 32 * MIB,
    min: 0,
    max: 64 * MIB,
    example: "64MiB",
    doc: "The same in buckets with large_webhooks.",
  },
  {
    variable: "MAX_HEADER_BYTES",
    key: "maxHeaderBytes",
    type: "bytes",
    default: 32 * KIB,
    min: 4 * KIB,
    max: MIB,
    example: "64KiB",
    doc: "Largest header section of a request; above it 431.",
  },
  {
    variable: "INGEST_RATE_PER_BUCKET",
    key: "ingestRate",
    type: "integer",
    default: 25_000,
    min: 1,
    max: 10_000_000,
    example: "500",
    doc: "Webhooks per second that a bucket may take on one server; above it 429.",
  },
  {
    variable: "INGEST_BURST_PER_BUCKET",
    key: "ingestBurst",
    type: "integer",
    default: 50_000,
    min: 1,
    max: 10_000_000,
    example: "1000",
    doc: "Webhooks that a bucket may take at once before its rate counts.",
  },
  {
    variable: "INGEST_MEMORY",
    key: "ingestMemoryBytes",
    type: "bytes",
    default: 64 * MIB,
    min: MIB,
    max: 16_384 * MIB,
    example: "256MiB",
    doc: "Memory for webhooks on their way to the database, half of it for bodies that are still arriving; above it 503.",
  },
  {
    variable: "EPHEMERAL_MEMORY",
    key: "ephemeralMemoryBytes",
    type: "bytes",
    default: 64 * MIB,
    min: MIB,
    max: 16_384 * MIB,
    example: "256MiB",
    doc: "Memory for webhooks of ephemeral buckets that wait for their agent; above it 503.",
  },
  {
    variable: "AGENT_HEARTBEAT",
    key: "heartbeatMs",
    type: "duration",
    default: 15 * SECOND,
    min: 500,
    max: 5 * MINUTE,
    example: "5s",
    doc: "Silence after which either side of the agent link asks; after two of them the other is gone.",
  },
  {
    variable: "MAX_AGENTS",
    key: "maxAgents",
    type: "integer",
    default: 5_000,
    min: 1,
    max: 100_000,
    example: "500",
    doc: "Most agents connected to this server.",
  },
  {
    variable: "MAX_GREETINGS",
    key: "maxGreetings",
    type: "integer",
    default: 1_500,
    min: 4,
    max: 100_000,
    example: "500",
    doc: "Most connections on the agent ports that have not proven a token yet; above it the address with most of them loses one, or the newcomer is sent away. Each may cost 150 KiB of memory.",
  },
  {
    variable: "MAX_WAITING_SENDERS",
    key: "maxWaitingSenders",
    type: "integer",
    default: 10_000,
    min: 1,
    max: 100_000,
    example: "2000",
    doc: "Most senders that may wait for a destination's answer at a time, half of them for one bucket; others of such inputs are answered 503. Each costs a connection.",
  },
  {
    variable: "AGENT_PLAINTEXT_LOOPBACK",
    key: "agentPlaintext",
    type: "boolean",
    default: false,
    example: "true",
    doc: "Takes agents without TLS, from the loopback address only.",
  },
  {
    variable: "TRUSTED_PROXIES",
    key: "trustedProxies",
    type: "list",
    format: "network",
    default: [],
    example: "10.0.0.0/8,192.168.1.5",
    doc: "Proxies whose X-Forwarded-For is believed: addresses or networks, comma-separated.",
  },
  {
    variable: "PUBLIC_DESTINATION_ALLOW",
    key: "publicDestinationAllow",
    type: "list",
    format: "allowed-destination",
    default: [],
    example: "10.20.0.0/16,hooks.internal,*.corp.example",
    doc: "What the server calls for public outputs beside the public Internet (docs/public-destinations.md): networks, addresses or host names, comma-separated.",
  },
  {
    variable: "OUTBOUND_PROXY",
    key: "outboundProxy",
    type: "string",
    format: "proxy-url",
    default: "",
    example: "http://user:password@proxy.example.com:3128",
    secret: true,
    doc: "A proxy (HTTP CONNECT) through which the server calls public destinations; it is asked for addresses, never for names. Empty: directly.",
  },
  {
    variable: "LEASE_TIME",
    key: "leaseMs",
    type: "duration",
    default: 10 * SECOND,
    min: 3 * SECOND,
    max: 5 * MINUTE,
    example: "5s",
    doc: "Time after which the deliveries of a server that died are taken over by another.",
  },
  {
    variable: "DRAIN_TIMEOUT",
    key: "drainMs",
    type: "duration",
    default: 10 * SECOND,
    min: 0,
    max: 10 * MINUTE,
    example: "30s",
    doc: "How long a stopping server waits for deliveries in flight.",
  },
  {
    variable: "BCRYPT_COST",
    key: "bcryptCost",
    type: "integer",
    default: 10,
    min: 10,
    max: 14,
    example: "12",
    doc: "Work factor of new token secrets and passwords.",
  },
  {
    variable: "LOG_LEVEL",
    key: "logLevel",
    type: "choice",
    choices: ["fatal", "error", "warn", "info", "debug", "trace", "silent"],
    default: "info",
    example: "debug",
    doc: "Least level that is logged.",
  },
] as const satisfies readonly Setting[];

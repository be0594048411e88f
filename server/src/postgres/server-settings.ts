/** PostgreSQL's settings, by its own names. */
export type PostgresSettings = Readonly<Record<string, string | number>>;

/** Durable first (fsync, synchronous commit, full page writes), then sized for one server on a small machine. */
const SETTINGS: PostgresSettings = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  max_connections: 60,
  shared_buffers: "128MB",
  // Else the kernel collects pages for 30 s and writes them in one go, which holds up every commit for about 100 ms.
  backend_flush_after: "256kB",
  // No replication from the private cluster: less WAL. Whoever wants replicas sets DATABASE_URL.
  wal_level: "minimal",
  max_wal_senders: 0,
  wal_compression: "off",
  checkpoint_timeout: "15min",
  max_wal_size: "2GB",
  min_wal_size: "256MB",
  autovacuum: "on",
  jit: "off",
  max_parallel_workers_per_gather: 0,
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] ",
  log_min_messages: "warning",
  // A failed statement is logged without its text: values could be in it.
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  log_autovacuum_min_duration: -1,
};

export interface Listen {
  /** Folder of the Unix socket; undefined listens on the loopback address instead. */
  readonly socketDir: string | undefined;
  readonly port: number;
}

/** The text of postgresql.conf. */
export function postgresConf({ socketDir, port }: Listen, overrides: PostgresSettings): string {
  const listen: PostgresSettings = {
    port,
    listen_addresses: socketDir === undefined ? "127.0.0.1" : "",
    unix_socket_directories: socketDir ?? "",
    ...(socketDir === undefined ? {} : { unix_socket_permissions: "0700" }),
  };
  const lines = Object.entries({ ...SETTINGS, ...overrides, ...listen }).map(
    ([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`,
  );
  return `# Written by Relay at each start. Your own settings go to local.conf beside this file.\n${lines.join("\n")}\ninclude_if_exists 'local.conf'\n`;
}

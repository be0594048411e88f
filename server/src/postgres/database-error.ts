/** What the database's answers mean for who set it up, by SQLSTATE (PostgreSQL appendix A) or Node's error code. */
const HINTS: Readonly<Record<string, string>> = {
  "42501": "The role must own the database or have CREATE on schema public.",
  "22023": "Run the same program with the word migrate first: it makes the role that DATABASE_ROLE names.",
  "28P01": "Correct the user or the password; in a URL, characters like @ : / % of a password are percent-encoded.",
  "28000": "Correct the user, or allow it in the database's pg_hba.conf.",
  "3D000": "Create that database first, owned by the role.",
  "53300": "Raise the database's max_connections, or lower DB_MAX_OPEN_CONNS.",
  ECONNREFUSED: "Is PostgreSQL running there, and does it listen on that address?",
  ENOTFOUND: "Correct the host name.",
  EAI_AGAIN: "The host name cannot be looked up at the moment.",
  ENOENT: "There is no such socket or file.",
  ETIMEDOUT: "Is the address right, and does a firewall let the connection through?",
  SELF_SIGNED_CERT_IN_CHAIN: "Name its authority by sslrootcert=/path in the URL, or POSTGRES_CA_CRT.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "Name its authority by sslrootcert=/path in the URL, or POSTGRES_CA_CRT.",
};

/** The same SQLSTATE as for any other right that is missing, and another remedy. */
const NOT_A_MEMBER = "The login is no member of DATABASE_ROLE: run the word migrate with it in DATABASE_ROLE_MEMBERS.";

export interface DatabaseErrorContext {
  /** What the address comes from: `DATABASE_URL`. */
  readonly setting: string;
  readonly url: string;
  /** What was being done, as "connect". */
  readonly doing: string;
}

/** A failure of the database at start, for people: which setting it is about, what was tried, and what helps. */
export function databaseError(cause: unknown, { setting, url, doing }: DatabaseErrorContext): Error {
  const { code } = cause as NodeJS.ErrnoException;
  const reason = messageOf(cause).replace(/\.$/, "");
  const hint = reason.includes("to set role") ? NOT_A_MEMBER : HINTS[code ?? ""];
  const where = withoutSecrets(url);
  return new Error(
    `${setting}${where === "" ? "" : ` (${where})`}: cannot ${doing}: ${reason}.${hint === undefined ? "" : ` ${hint}`}`,
    { cause },
  );
}

/** The URL without password and without parameters, which may hold one too; empty when it cannot be read. */
function withoutSecrets(text: string): string {
  if (!URL.canParse(text)) return "";
  const url = new URL(text);
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href.replaceAll("%2F", "/");
}

/** A host with two addresses fails with an error that has no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(messageOf))].join(", ");
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}

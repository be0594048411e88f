/** A token's key and secret. */
export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** A file that credentials came from, and may come from again when it has changed. */
export interface CredentialsFile {
  readonly path: string;
  /** Throws when the file cannot be read or is not what it should be; the message never holds a secret. */
  read(): Credentials;
}

export function sameCredentials(a: Credentials, b: Credentials): boolean {
  return a.key === b.key && a.secret === b.secret;
}

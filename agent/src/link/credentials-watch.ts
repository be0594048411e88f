import { statSync } from "node:fs";
import { type Credentials, type CredentialsFile, sameCredentials } from "./credentials.js";

/**
 * Looks at a credentials file every few seconds: events of the file system do not come over network mounts, and where a
 * directory is swapped for another by a symbolic link, as in Kubernetes, they come for the wrong file.
 */
export interface CredentialsWatch {
  /** Looks now, as on SIGHUP. */
  look(): void;
  /** Offers what the file holds once more, should it not be in use: it may work now. */
  offerAgain(): void;
  stop(): void;
}

export interface CredentialsWatchOptions {
  readonly file: CredentialsFile;
  /** What was read at the start. */
  readonly initial: Credentials;
  /** Other credentials, which the file has held unchanged for a moment. */
  onChange(credentials: Credentials): void;
  /** The file has not been usable for a while; told once, until it is again. */
  onProblem(text: string): void;
  readonly everyMs?: number;
  /** How long a change must stand: a file that is being written is not whole yet. */
  readonly settleMs?: number;
}

/** Looks at a file that cannot be used before people are told. */
const PATIENCE = 10;

/** Starts to watch; the first look comes at once, as the file may have changed since it was read. */
export function watchCredentials(options: CredentialsWatchOptions): CredentialsWatch {
  const { file, onChange, onProblem, everyMs = 2_000, settleMs = 300 } = options;
  let offered: Credentials | null = options.initial;
  let stamp = "";
  let settling: Credentials | null = null;
  let failures = 0;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  const lookAgainIn = (ms: number): void => {
    if (timer !== null) clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(look, ms);
    timer.unref();
  };

  const look = (): void => {
    const found = stampOf(file.path);
    const unchanged = found === stamp;
    stamp = found;
    if (unchanged && settling === null && failures === 0 && offered !== null) {
      lookAgainIn(everyMs);
      return;
    }
    let credentials: Credentials;
    try {
      credentials = file.read();
    } catch (error) {
      settling = null;
      failures += 1;
      if (failures === PATIENCE) onProblem(`${(error as Error).message}; going on with the credentials from before`);
      lookAgainIn(failures < PATIENCE ? settleMs : everyMs);
      return;
    }
    failures = 0;
    if (offered !== null && sameCredentials(credentials, offered)) {
      settling = null;
      lookAgainIn(everyMs);
      return;
    }
    if (!unchanged || settling === null || !sameCredentials(credentials, settling)) {
      settling = credentials;
      lookAgainIn(settleMs);
      return;
    }
    settling = null;
    offered = credentials;
    lookAgainIn(everyMs);
    onChange(credentials);
  };

  lookAgainIn(0);
  return {
    look: () => lookAgainIn(0),
    offerAgain() {
      offered = null;
      lookAgainIn(0);
    },
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Changes whenever the file does, or is another one behind the same path. */
function stampOf(path: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return "none";
  }
}

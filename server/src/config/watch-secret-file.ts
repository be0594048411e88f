import { readSecretFile } from "./secret-file.js";

export interface SecretFileWatchOptions {
  readonly path: string;
  /** What was read at the start. */
  readonly initial: string;
  /** Takes over another secret, which the file has held for a moment. When it rejects, it is called again later. */
  readonly apply: (secret: string) => Promise<void>;
  /** What keeps the file's secret from being used, without the secret; told once until that changes. */
  readonly onProblem: (problem: string) => void;
  readonly everyMs?: number;
  /** How long a change must stand: a file that is being written is not whole yet. */
  readonly settleMs?: number;
}

/** Looks in a row that must fail before it is told: where a file is replaced, it may be away for a moment. */
const PATIENCE = 3;

/**
 * Looks at a secret's file every few seconds, and hands over what it holds once that is another secret. Events of the file
 * system are not used: where a mounted folder is swapped for a new one, they come for the wrong file or not at all.
 */
export function watchSecretFile(options: SecretFileWatchOptions): { stop(): Promise<void> } {
  const { path, apply, onProblem, everyMs = 2_000, settleMs = 300 } = options;
  let current = options.initial;
  let candidate: string | undefined;
  let failures = 0;
  let told = "";
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking = Promise.resolve();

  const fail = (problem: string): number => {
    failures += 1;
    if (failures >= PATIENCE && problem !== told) {
      told = problem;
      onProblem(problem);
    }
    return everyMs;
  };

  /** One look; gives the milliseconds until the next. */
  const look = async (): Promise<number> => {
    const found = readSecretFile(path);
    if ("problem" in found) {
      candidate = undefined;
      return fail(`${path} ${found.problem}`);
    }
    if (found.text !== current) {
      if (found.text !== candidate) {
        candidate = found.text;
        return settleMs;
      }
      try {
        await apply(found.text);
      } catch (error) {
        return fail(error instanceof Error ? error.message : String(error));
      }
      current = found.text;
    }
    candidate = undefined;
    failures = 0;
    told = "";
    return everyMs;
  };

  const lookIn = (ms: number): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = look().then(lookIn);
    }, ms);
    timer.unref();
  };

  lookIn(settleMs);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

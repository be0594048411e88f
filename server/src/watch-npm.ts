const POLL_MS = 250;

/** Scripts of package.json that run until they are stopped. */
const SCRIPTS: ReadonlySet<string> = new Set(["server", "start"]);

export interface WatchNpmOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Id of the parent process at this moment. */
  readonly parent: () => number;
  readonly onGone: () => void;
}

/**
 * `npm run server` and `npm start` start a shell that starts the program. npm passes SIGTERM on to the shell, and the shell dies of it
 * without telling the program, which would run on as an orphan. So when npm started this process, the end of its parent
 * counts as the signal. Only then: who starts a server and ends is otherwise a daemon's good right. Returns what ends the
 * watch.
 */
export function watchNpm({ env, parent, onGone }: WatchNpmOptions): () => void {
  if (!SCRIPTS.has(env.npm_lifecycle_event ?? "")) return () => {};
  const first = parent();
  const timer = setInterval(() => {
    if (parent() === first) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

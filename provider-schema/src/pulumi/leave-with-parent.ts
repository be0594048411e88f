const EVERY_MS = 1_000;

/**
 * Ends this process when the one that started it has ended, however it did: an engine that was killed tells nobody. Looks
 * every second.
 */
export function leaveWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent || !isAlive(parent)) process.exit(0);
  }, EVERY_MS).unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, but not ours to ask.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

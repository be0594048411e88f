import { fileURLToPath } from "node:url";

/** The compiled program of the worker process, also when this runs from its source (in tests). */
export function workerEntry(): string {
  const compiled = import.meta.url.replace(
    "/src/functions/worker/worker-entry.ts",
    "/dist/functions/worker/worker-entry.js",
  );
  return fileURLToPath(new URL("./worker-main.js", compiled));
}

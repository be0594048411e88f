import { POOL_LIMITS } from "../function-limits.js";

/**
 * Node's flags of a worker process: bounds for its own heap and stack, no code out of text, no `__proto__`, and the
 * permission model, under which it starts no process, no thread and no native code, and writes no file.
 */
export function workerFlags(): readonly string[] {
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  return [
    `--max-old-space-size=${POOL_LIMITS.workerHeapMb}`,
    `--stack-size=${POOL_LIMITS.workerStackKb}`,
    "--disallow-code-generation-from-strings",
    "--disable-proto=delete",
    "--no-warnings",
    permission,
    "--allow-fs-read=*",
  ];
}

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { EXIT } from "./cli/exit-codes.js";
import { runProgram } from "./cli/program.js";
import { hideSecretArgument } from "./cli/secret-argument.js";
import type { Terminal } from "./cli/terminal.js";

// Else V8 learns under load to make what a delivery needs among the old objects, where it stays until a full collection.
setFlagsFromString("--no-allocation-site-pretenuring");

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

const terminal: Terminal = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  version: manifest.version,
  onInterrupt(listener) {
    process.on("SIGINT", listener).on("SIGTERM", listener);
    return () => process.off("SIGINT", listener).off("SIGTERM", listener);
  },
  onHangup(listener) {
    process.on("SIGHUP", listener);
    return () => process.off("SIGHUP", listener);
  },
};

// A reader that left (`relay logs | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failure),
);

// Deprecations of libraries are for their developers (an IP address as server, for one, makes grpc-js provoke DEP0123).
process.noDeprecation = true;

const hidden = hideSecretArgument(process.argv.slice(2));
// Where the system lets a process change what others see of it (not on Windows), the title takes the arguments' place.
if (hidden !== null) process.title = ["relay", ...hidden].join(" ");

process.exitCode = await runProgram(process.argv.slice(2), terminal);
// Whatever is still open (a keep-alive connection, a prompt's stdin) must not hold the program for long.
setTimeout(() => process.exit(), 1_000).unref();
process.stdin.unref?.();

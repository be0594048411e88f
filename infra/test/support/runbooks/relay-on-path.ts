import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./pages.js";

/** Makes the agent's program a command `relay`, as `npm link` does; gives the folder to put on PATH. */
export async function relayOnPath(folder: string): Promise<string> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  const text = `#!/bin/sh\nexec '${process.execPath}' '${ROOT}agent/dist/main.js' "$@"\n`;
  await writeFile(join(bin, "relay"), text, { mode: 0o755 });
  return bin;
}

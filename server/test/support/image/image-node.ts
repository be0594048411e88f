import { execFile } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildEnvironment } from "./build-environment.js";

const MODULE = fileURLToPath(new URL("../../../../tools/image-node/", import.meta.url));

/** Installs the Node.js that the image is built on and runs, pinned in tools/image-node, into a folder. Gives its `bin`. */
export async function installImageNode(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const file of ["package.json", "package-lock.json"]) await copyFile(join(MODULE, file), join(folder, file));
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  await promisify(execFile)("npm", args, { cwd: folder, env: buildEnvironment() });
  return join(folder, "node_modules", `node-linux-${process.arch}`, "bin");
}

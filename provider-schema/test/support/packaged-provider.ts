import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL("../../../scripts/package-terraform.mjs", import.meta.url));

/** Address under which the package is laid out. */
export const PACKAGED_SOURCE = "relay.local/relay/relay";

export interface PackagedProvider {
  /** Of the package: what `dev_overrides` takes. */
  readonly unpacked: string;
  /** What `filesystem_mirror` takes. */
  readonly mirror: string;
  readonly executable: string;
  readonly version: string;
}

let packed: Promise<PackagedProvider> | undefined;

/** The provider as users get it, packed into `folder` from what was built. */
export function packagedProvider(folder: string): Promise<PackagedProvider> {
  packed ??= pack(folder);
  return packed;
}

async function pack(folder: string): Promise<PackagedProvider> {
  await run(process.execPath, [SCRIPT, folder]);
  const unpacked = join(folder, "unpacked");
  const file = (await readdir(unpacked)).find((name) => name.startsWith("terraform-provider-relay"));
  if (file === undefined) throw new Error("the package has no executable");
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  return { unpacked, mirror: join(folder, "mirror"), executable: join(unpacked, file), version };
}

import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

/** This machine as Terraform names it, as "linux_amd64". */
export function terraformPlatform(): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${system}_${ARCHITECTURES[process.arch] ?? process.arch}`;
}

/**
 * Puts a copy of a provider's executable into a filesystem mirror, where `terraform init` finds it as `version` of
 * `source` (HOST/NAMESPACE/TYPE). Returns the copy's folder, for files that belong beside it.
 */
export async function layOutMirror(
  mirror: string,
  { source, version, executable }: { source: string; version: string; executable: string },
): Promise<string> {
  const folder = join(mirror, source, version, terraformPlatform());
  await mkdir(folder, { recursive: true });
  const suffix = executable.endsWith(".exe") ? ".exe" : "";
  await copyFile(executable, join(folder, `terraform-provider-${basename(source)}_v${version}${suffix}`));
  return folder;
}

import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A folder of secrets, as the CSI driver keeps it: a link to the newest version is replaced, never a file changed. */
export class MountedSecret {
  readonly folder: string;
  readonly #file: string;
  #version = 0;

  constructor(folder: string, file: string) {
    this.folder = folder;
    this.#file = file;
  }

  /** Writes a new version, which everybody then finds at the same path. */
  async put(value: string): Promise<void> {
    const before = `..version-${this.#version}`;
    this.#version += 1;
    const name = `..version-${this.#version}`;
    await mkdir(join(this.folder, name), { recursive: true });
    await writeFile(join(this.folder, name, this.#file), value);
    await chmod(join(this.folder, name, this.#file), 0o644);
    await symlink(name, join(this.folder, "..next"));
    await rename(join(this.folder, "..next"), join(this.folder, "..data"));
    if (this.#version === 1) await symlink(join("..data", this.#file), join(this.folder, this.#file));
    await rm(join(this.folder, before), { recursive: true, force: true });
  }
}

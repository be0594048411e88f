import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addBaseSystem } from "./add-base-system.js";
import { type BuiltImage, buildImageTree } from "./build-image-tree.js";
import { installImageNode } from "./image-node.js";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));

export interface MadeImage extends BuiltImage {
  /** Paths below the root that come from the Dockerfile alone; the rest stands for the base image. */
  readonly ours: readonly string[];
  /** What all of it is in. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** Makes the file tree of the server's image, ready for `runImage`. Takes half a minute, and several times that on a busy machine. */
export async function makeImage(): Promise<MadeImage> {
  const folder = await mkdtemp(join(tmpdir(), "relay-image-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const nodeBin = await installImageNode(join(folder, "node"));
    const stages = join(folder, "stages");
    await mkdir(stages);
    const file = join(REPOSITORY, "server/Dockerfile");
    const image = await buildImageTree({ file, context: REPOSITORY, folder: stages, nodeBin });
    const ours = await readdir(image.root, { recursive: true });
    await addBaseSystem(image.root, nodeBin);
    return { ...image, ours, folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

import type { Manifest } from "../generated/types.js";

/** A manifest as a value of a TypeScript or JavaScript module, checked by the compiler: `export default defineManifest({…})`. */
export function defineManifest(manifest: Manifest): Manifest {
  return manifest;
}

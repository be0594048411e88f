import type { LocatedProblem, Place } from "./located-problem.js";
import type { Path } from "./path.js";

/** One file of a manifest, parsed and not yet checked. */
export interface ManifestSource {
  /** As messages name it. */
  readonly file: string;
  /** What files with secrets are relative to. */
  readonly directory: string;
  readonly value: unknown;
  /** What hinders reading it. */
  readonly problems: readonly LocatedProblem[];
  /** Where the value at a path stands, else the nearest one around it. */
  place(path: Path): Place;
}

import type { ManifestProblem } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";

/** Where something stands. Lines and columns count from 1; values of a module have none. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** One thing that is wrong with a manifest, and where. */
export interface LocatedProblem extends ManifestProblem {
  readonly place: Place;
}

/** Such as `relay.yaml:12:3: buckets.github.stream: must be true or false. Write true.` */
export function problemText({ place, path, message, hint }: LocatedProblem): string {
  const where = [placeText(place), path].filter((part) => part !== "").join(": ");
  const text = `${where === "" ? "" : `${where}: `}${message}${hint === undefined ? "" : `. ${hint}`}`;
  // Messages of the server and of the parser may repeat names.
  return escapedText(text);
}

/** Such as `relay.yaml:12:3`. */
export function placeText({ file, line, column }: Place): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}

import { RelayError } from "../errors.js";

/** The name of something new. Throws 400 when there is none. */
export function requireName(name: string | undefined): string {
  if (name === undefined) throw new RelayError("invalid", 'name: is required; for example "github"');
  return name;
}

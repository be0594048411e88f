import { randomBytes } from "node:crypto";
import { AutonamingMode, type AutonamingOptions } from "./wire/generated/pulumi_provider.js";

const MAX_LENGTH = 200;
const RANDOM_DIGITS = 7;

/** What a name is made of. */
export interface NameParts {
  /** Name of the resource in the program. */
  readonly name: string;
  /** The engine's: the same again when a plan is carried out. */
  readonly randomSeed: Uint8Array;
  readonly autonaming: AutonamingOptions | undefined;
}

/** The name of an object whose program gives it none; undefined: the stack wants names to be given. */
export function autoName({ name, randomSeed, autonaming }: NameParts): string | undefined {
  if (autonaming?.mode === AutonamingMode.AUTONAMING_MODE_DISABLE) return undefined;
  if (autonaming !== undefined && autonaming.proposedName !== "") return autonaming.proposedName;
  const seed = randomSeed.length === 0 ? randomBytes(RANDOM_DIGITS) : randomSeed;
  const random = Buffer.from(seed).toString("hex").slice(0, RANDOM_DIGITS);
  return `${name.slice(0, MAX_LENGTH - RANDOM_DIGITS - 1)}-${random}`;
}

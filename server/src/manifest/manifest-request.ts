import type { Values } from "@relay/provider-schema";

/** What a plan is asked for. */
export interface ManifestRequest {
  readonly name: string;
  /** Validated; secrets in clear. */
  readonly content: Values;
  readonly adopt: readonly string[];
  readonly allowUndeliveredLoss: boolean;
}

/** Who the objects of a manifest are managed by. */
export function manifestOwner(name: string): string {
  return `manifest/${name}`;
}

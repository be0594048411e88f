import type { Values } from "@relay/provider-schema";

/** What of an output says how the server calls its destination. */
export interface PublicOutput {
  readonly name: string;
  readonly destination: string;
  readonly lockPath: boolean;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** 0: the default. */
  readonly timeoutSeconds: number;
  readonly tlsVerification: boolean;
  /** By the names of the definition; secrets by their path. */
  readonly settings: Values;
  readonly secrets: Readonly<Record<string, string>>;
}

import type { RelayApiError } from "../client/relay-api-error.js";
import type { Struct } from "./wire/generated/pulumi_provider.js";

/** An object that exists, as far as it is known. */
export interface KnownObject {
  readonly id: string;
  readonly properties: Struct;
  /** Inputs that it has, where they are not those asked for. */
  readonly inputs: Struct | undefined;
}

/** The object exists, but is not what it was to be: the engine keeps it in the state and changes it by the next update. */
export class InitFailedError extends Error {
  override name = "InitFailedError";
  readonly object: KnownObject;

  constructor(cause: RelayApiError, object: KnownObject) {
    super(cause.message, { cause });
    this.object = object;
  }
}

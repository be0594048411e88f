import type { Properties } from "../../../../provider-schema/src/pulumi/wire/properties.js";

/** The resource exists, but is not what it was to be: the engine keeps it in its state and tries again by an update. */
export class InitFailed extends Error {
  override readonly name = "InitFailed";
  readonly id: string;
  readonly state: Properties;

  constructor(message: string, { id, state }: { id: string; state: Properties }) {
    super(message);
    this.id = id;
    this.state = state;
  }
}

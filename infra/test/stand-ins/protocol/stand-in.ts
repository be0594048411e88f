import type { Path } from "../../../../provider-schema/src/engine/problem.js";
import type { Properties } from "../../../../provider-schema/src/pulumi/wire/properties.js";
import type { Difference } from "./differences.js";

// A stand-in plays one of the plugins that cannot be had where tests run. To the engine it is a plugin like any other: it
// speaks pulumirpc.ResourceProvider, knows nothing of the program but what it is sent, and keeps what it makes outside the
// engine's state.

/** A resource as the engine asks for it. */
export interface Asked {
  readonly urn: string;
  /** As "gcp:compute/network:Network". */
  readonly type: string;
  /** The last part of the URN. */
  readonly name: string;
}

/** A resource that was made. */
export interface Made extends Asked {
  readonly id: string;
  readonly state: Properties;
  readonly oldInputs: Properties;
}

export interface Problem {
  /** Empty: the resource as a whole. */
  readonly path: Path;
  readonly reason: string;
}

export interface Checked {
  readonly inputs: Properties;
  readonly problems: readonly Problem[];
}

export interface Plan {
  readonly differences: readonly Difference[];
  /** Those among the differences that another resource must come for. */
  readonly replaces: readonly Path[];
  /** The other one would have the same name. */
  readonly deleteBeforeReplace: boolean;
}

export interface Change {
  /** Nothing is to be done: what is not known yet is unknown in the answer. */
  readonly preview: boolean;
  /** 0: the plugin's own. */
  readonly timeoutSeconds: number;
  /** Aborted when the engine gives up. */
  readonly signal: AbortSignal;
}

/** A plugin of tests. What it throws reaches people as the resource's error. */
export interface StandIn {
  /** As the package of npm whose resources it makes. */
  readonly version: string;
  configure(config: Properties): Promise<void>;
  check(
    asked: Asked,
    news: Properties,
    more: { readonly olds: Properties; readonly seed: Uint8Array },
  ): Promise<Checked>;
  diff(made: Made, news: Properties): Promise<Plan>;
  /** Throws InitFailed for one that is there, but not right. */
  create(
    asked: Asked,
    inputs: Properties,
    change: Change,
  ): Promise<{ readonly id: string; readonly state: Properties }>;
  /** Undefined for one that is gone. */
  read(
    made: Made,
  ): Promise<{ readonly id: string; readonly state: Properties; readonly inputs: Properties } | undefined>;
  update(made: Made, inputs: Properties, change: Change): Promise<Properties>;
  delete(made: Made, change: Change): Promise<void>;
  /** Answers a function. Throws for one that it does not know. */
  invoke(token: string, args: Properties): Promise<Properties>;
}

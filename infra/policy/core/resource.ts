import type { NotYetKnown } from "./not-yet-known.js";
import type { Properties } from "./value.js";

/** A resource as rules see it, whoever told of it: the policy SDK or the mocks of a test. */
export interface Resource {
  /** Type token, as "gcp:sql/databaseInstance:DatabaseInstance". */
  readonly type: string;
  /** What rules name: the type token, or for objects of Kubernetes group and kind without version, "apps/Deployment". */
  readonly kind: string;
  readonly name: string;
  readonly urn: string;
  /** As a whole not yet known where the resource's provider is not: an object of Kubernetes before there is a cluster. */
  readonly props: Properties | NotYetKnown;
  /** Pulumi's option `protect`. */
  readonly protect: boolean;
  /** Pulumi's option `retainOnDelete`; undefined where it cannot be seen: the policy SDK does not tell it. */
  readonly retainOnDelete: boolean | undefined;
  /** URNs that it was made after. */
  readonly dependsOn: readonly string[];
  /** Property to the URNs whose outputs went into it. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
}

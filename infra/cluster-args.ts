import type * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import type { Identities } from "./identities.js";
import type { Keys } from "./keys.js";
import type { Network } from "./network.js";
import type { Project } from "./project.js";

/** What a cluster is made from. */
export interface ClusterArgs {
  readonly config: Pick<
    RelayConfig,
    | "level"
    | "deletionProtection"
    | "region"
    | "autopilot"
    | "securityGroup"
    | "administrators"
    | "nodeMachineType"
    | "nodesMin"
    | "nodesMax"
  >;
  readonly project: Project;
  readonly network: Network;
  readonly keys: Keys;
  readonly identities: Identities;
  /** Pub/Sub topic for security bulletins and upgrades. */
  readonly notices: pulumi.Input<string>;
}

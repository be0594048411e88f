import { availabilityRules } from "./availability.js";
import { clusterRules } from "./cluster.js";
import { controlPlaneRules } from "./control-plane.js";
import type { Rule } from "./core/rule.js";
import { databaseRules } from "./database.js";
import { deploymentRules } from "./deployment.js";
import { edgeRules } from "./edge.js";
import { gatewayRules } from "./gateway.js";
import { identityRules } from "./identity.js";
import { keyUseRules } from "./key-use.js";
import { keyRules } from "./keys.js";
import { monitoringRules } from "./monitoring.js";
import { namespaceRules } from "./namespace.js";
import { networkRules } from "./network.js";
import { networkPolicyRules } from "./network-policy.js";
import { nodePoolRules } from "./node-pool.js";
import { podRules } from "./pod.js";
import { projectRules } from "./project.js";
import { recoveryRules } from "./recovery.js";
import { registryRules } from "./registry.js";
import { secretRules } from "./secrets.js";

/** All rules by what they are about, in the order in which they are served and documented. */
export const RULES_BY_CONCERN: Readonly<Record<string, readonly Rule[]>> = {
  "Project and audit": projectRules,
  Network: networkRules,
  Keys: [...keyRules, ...keyUseRules],
  Database: databaseRules,
  Cluster: clusterRules,
  "Control plane": controlPlaneRules,
  "Node pools": nodePoolRules,
  Identity: identityRules,
  Secrets: secretRules,
  Images: registryRules,
  Edge: [...edgeRules, ...gatewayRules],
  Namespaces: namespaceRules,
  Pods: podRules,
  Deployments: [...deploymentRules, ...availabilityRules],
  "Network policies": networkPolicyRules,
  Recovery: recoveryRules,
  Monitoring: monitoringRules,
};

export const RULES: readonly Rule[] = Object.values(RULES_BY_CONCERN).flat();

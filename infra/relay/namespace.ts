import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { NAMESPACE } from "../identities.js";

/** Version of the Pod Security standards, pinned: a newer cluster does not tighten them by surprise. */
const POD_SECURITY_VERSION = "v1.34";

export interface RelayNamespaceArgs {
  /** Most pods of the servers. */
  readonly replicasMax: number;
}

/** The namespace and what may be in it at all, whatever is deployed into it later. */
export class RelayNamespace extends pulumi.ComponentResource {
  /** The namespace's name, known once its limits stand. */
  readonly namespace: pulumi.Output<string>;
  readonly priorityClass: pulumi.Output<string>;

  constructor(name: string, { replicasMax }: RelayNamespaceArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Namespace", name, {}, options);
    const parent = { parent: this };
    const level = { restricted: "restricted", version: POD_SECURITY_VERSION };
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: {
          name: NAMESPACE,
          labels: {
            "pod-security.kubernetes.io/enforce": level.restricted,
            "pod-security.kubernetes.io/enforce-version": level.version,
            "pod-security.kubernetes.io/audit": level.restricted,
            "pod-security.kubernetes.io/audit-version": level.version,
            "pod-security.kubernetes.io/warn": level.restricted,
            "pod-security.kubernetes.io/warn-version": level.version,
          },
        },
      },
      parent,
    );
    const metadata = { namespace: namespace.metadata.name };
    // Room for a rolling update and the job beside all servers; nothing for a guest.
    const pods = replicasMax + 4;
    const quota = new k8s.core.v1.ResourceQuota(
      name,
      {
        metadata: { ...metadata, name: "relay" },
        spec: {
          hard: {
            pods: String(pods),
            "requests.cpu": String(pods),
            "requests.memory": `${pods}Gi`,
            "limits.memory": `${2 * pods}Gi`,
            "services.loadbalancers": "0",
            "services.nodeports": "0",
            persistentvolumeclaims: "0",
          },
        },
      },
      parent,
    );
    const limits = new k8s.core.v1.LimitRange(
      name,
      {
        metadata: { ...metadata, name: "relay" },
        spec: {
          limits: [
            {
              type: "Container",
              default: { memory: "256Mi" },
              defaultRequest: { cpu: "50m", memory: "128Mi" },
              max: { memory: "2Gi" },
            },
          ],
        },
      },
      parent,
    );
    const priority = new k8s.scheduling.v1.PriorityClass(
      name,
      {
        metadata: { name: "relay" },
        description: "Relay servers: rather these than whatever else runs on a full cluster",
        value: 1_000_000,
        preemptionPolicy: "PreemptLowerPriority",
      },
      parent,
    );
    const admission = this.#digestsOnly(name, namespace);
    this.namespace = pulumi.all([namespace.metadata.name, quota.id, limits.id, admission.id]).apply(([known]) => known);
    this.priorityClass = priority.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }

  /** A tag can be moved to another image after the review; a digest is the image. */
  #digestsOnly(name: string, namespace: k8s.core.v1.Namespace): pulumi.CustomResource {
    const parent = { parent: this };
    const containers = ["containers", "initContainers", "ephemeralContainers"].map(
      (list) => `(!has(object.spec.${list}) || object.spec.${list}.all(c, c.image.matches('@sha256:[0-9a-f]{64}$')))`,
    );
    const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
      name,
      {
        metadata: { name: "relay-images-by-digest" },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: [""],
                apiVersions: ["v1"],
                resources: ["pods", "pods/ephemeralcontainers"],
                operations: ["CREATE", "UPDATE"],
              },
            ],
          },
          validations: [
            {
              expression: containers.join(" && "),
              message: "Name images by digest, REGISTRY/NAME@sha256:…: a tag can be moved.",
              reason: "Forbidden",
            },
          ],
        },
      },
      parent,
    );
    return new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
      name,
      {
        metadata: { name: "relay-images-by-digest" },
        spec: {
          policyName: policy.metadata.name,
          validationActions: ["Deny"],
          matchResources: {
            namespaceSelector: {
              matchLabels: { "kubernetes.io/metadata.name": namespace.metadata.name },
            },
          },
        },
      },
      parent,
    );
  }
}

/** Of every kind: another name or place is another object. */
const IDENTITY = ["kind", "metadata.name", "metadata.namespace"];

/** Fields that the API server never changes, by group and kind: Pulumi's provider makes another object for them. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  "apps/Deployment": ["spec.selector"],
  "apps/DaemonSet": ["spec.selector"],
  "apps/ReplicaSet": ["spec.selector"],
  "apps/StatefulSet": ["spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"],
  "batch/Job": ["spec.completions", "spec.selector", "spec.template"],
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.storageClassName", "spec.volumeMode", "spec.volumeName"],
  "/Pod": ["spec"],
  "/Secret": ["type"],
  "/Service": ["spec.clusterIP"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "scheduling.k8s.io/PriorityClass": ["value", "preemptionPolicy"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** What of an object a change cannot be made in. Patterns of paths, as `covers` takes them. */
export function immutableFields(apiVersion: string, kind: string): readonly string[] {
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return [...IDENTITY, ...(IMMUTABLE[`${group}/${kind}`] ?? [])];
}

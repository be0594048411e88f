import { expectSet, expectThat, expectValue } from "./core/expect.js";
import { NotYetKnown } from "./core/not-yet-known.js";
import { ofKind } from "./core/of-kind.js";
import { referenceOf } from "./core/reference-of.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { valueAt } from "./core/value-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";
import { podOf, WORKLOADS } from "./pod-of.js";

const NODE_ROLES = [
  "roles/logging.logWriter",
  "roles/monitoring.metricWriter",
  "roles/monitoring.viewer",
  "roles/stackdriver.resourceMetadata.writer",
  "roles/autoscaling.metricsWriter",
  "roles/artifactregistry.reader",
  "roles/container.defaultNodeServiceAccount",
];
const DATABASE_ROLES = ["roles/cloudsql.client", "roles/cloudsql.instanceUser"];
const projectWide = [KINDS.projectMember, KINDS.projectBinding];

/** Whether a grant goes to this account, by address, or by where the address comes from. */
function isGrantTo(grant: Resource, account: Resource): boolean {
  const member = valueAt(grant.props, "member");
  if (member instanceof NotYetKnown) return grant.propertyDependencies.member?.includes(account.urn) ?? false;
  const id = textAt(account.props, "accountId");
  return typeof member === "string" && id !== undefined && member.startsWith(`serviceAccount:${id}@`);
}

function isNodeIdentity(account: Resource, pools: readonly Resource[], resources: readonly Resource[]): boolean {
  return pools.some((pool) => {
    const used = referenceOf(
      { resource: pool, path: "nodeConfig.serviceAccount", to: KINDS.serviceAccount },
      resources,
    );
    const id = textAt(account.props, "accountId");
    return used === account.urn || (id !== undefined && used?.startsWith(`${id}@`) === true);
  });
}

export const identityRules: readonly Rule[] = [
  stackRule({
    id: "node-identity-minimal",
    title: "The nodes' identity only writes logs and metrics and reads images",
    why: "Who breaks out of a pod is the node.",
    fix: `Grant it no more than ${NODE_ROLES.slice(0, 3).join(", ")} and roles/artifactregistry.reader.`,
    check: (resources) => {
      const pools = ofKind(resources, KINDS.nodePool);
      return ofKind(resources, KINDS.serviceAccount)
        .filter((account) => isNodeIdentity(account, pools, resources))
        .flatMap((account) =>
          resources.filter((grant) => valueAt(grant.props, "role") !== undefined && isGrantTo(grant, account)),
        )
        .flatMap((grant) => {
          const role = textAt(grant.props, "role");
          return role === undefined || NODE_ROLES.includes(role) ? [] : [violation(`nodes have ${role}`, grant.urn)];
        });
    },
  }),
  resourceRule({
    id: "gcp-1.5-no-admin-roles",
    title: "No identity administers the project",
    why: "Whoever takes the workload over takes the project over.",
    fix: "Grant the narrowest role, on the resource and not on the project.",
    of: projectWide,
    check: ({ props }) =>
      expectThat(props, "role", {
        says: "is an owner's, an editor's or an administrator's",
        test: (role) => typeof role === "string" && !/^roles\/(owner|editor)$|admin$/i.test(role),
      }),
  }),
  resourceRule({
    id: "gcp-1.6-no-project-wide-impersonation",
    title: "Nobody may act as every service account of the project",
    why: "It is every right of every account at once.",
    fix: "Grant the role on the one service account that is meant.",
    of: projectWide,
    check: ({ props }) =>
      expectThat(props, "role", {
        says: "lets its member act as all service accounts",
        test: (role) =>
          typeof role === "string" &&
          !/^roles\/iam\.(serviceAccountUser|serviceAccountTokenCreator|workloadIdentityUser)$/.test(role),
      }),
  }),
  resourceRule({
    id: "workload-database-roles",
    title: "Workloads may connect to this database and log in, no more",
    why: "Other roles of Cloud SQL can export, clone or delete it, and without a condition every instance is meant.",
    fix: `Grant ${DATABASE_ROLES.join(" and ")}, with a condition on the instance's name.`,
    of: projectWide,
    check: ({ props }) => {
      if (textAt(props, "role")?.startsWith("roles/cloudsql.") !== true) return [];
      return [...expectValue(props, "role", DATABASE_ROLES), ...expectSet(props, "condition.expression")];
    },
  }),
  resourceRule({
    id: "workload-identity-names-one",
    title: "Only one named Kubernetes service account may become a Google one",
    why: "A member for a whole pool lets every pod of every namespace in.",
    fix: "Grant roles/iam.workloadIdentityUser to PROJECT.svc.id.goog[NAMESPACE/NAME], or its principal:// form.",
    of: [KINDS.serviceAccountMember],
    check: ({ props }) => [
      ...expectValue(props, "role", "roles/iam.workloadIdentityUser"),
      ...expectThat(props, "member", {
        says: "is not one Kubernetes service account",
        test: (member) =>
          typeof member === "string" &&
          /^(serviceAccount:[^[]+\.svc\.id\.goog\[[^/\]]+\/[^\]]+\]|principal:\/\/.+\/subject\/.+)$/.test(member),
      }),
    ],
  }),
  stackRule({
    id: "workloads-share-no-identity",
    title: "No two workloads share an identity",
    why: "Each has the rights of both, and the logs cannot tell who used them.",
    fix: "Give each workload a Kubernetes service account of its own, and each of these a Google account at most.",
    check: (resources) => {
      const users = new Map<string, Resource>();
      const claims = resources.flatMap((resource) => {
        if ((WORKLOADS as readonly string[]).includes(resource.kind)) {
          const account = textAt(podOf(resource), "serviceAccountName");
          return [{ resource, as: account && `${textAt(resource.props, "metadata.namespace")}/${account}` }];
        }
        if (resource.kind !== KINDS.serviceAccountMember) return [];
        const to = KINDS.serviceAccount;
        return [{ resource, as: referenceOf({ resource, path: "serviceAccountId", to }, resources) }];
      });
      return claims.flatMap(({ resource, as }) => {
        const other = as === undefined || as === "" ? undefined : users.get(as);
        if (as !== undefined && other === undefined) users.set(as, resource);
        return other === undefined ? [] : [violation(`it has the same identity as ${other.name}`, resource.urn)];
      });
    },
  }),
];

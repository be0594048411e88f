import { expectSet, expectValue } from "./core/expect.js";
import { listAt } from "./core/list-at.js";
import { ofKind } from "./core/of-kind.js";
import type { Resource } from "./core/resource.js";
import { type Rule, resourceRule, stackRule } from "./core/rule.js";
import { textAt } from "./core/text-at.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

/** Which API serves which kinds. */
const APIS: Readonly<Record<string, readonly string[]>> = {
  container: [KINDS.cluster],
  sqladmin: [KINDS.databaseInstance],
  cloudkms: [KINDS.key],
  secretmanager: [KINDS.secret],
  artifactregistry: [KINDS.repository],
  certificatemanager: [KINDS.certificate, KINDS.certificateMap],
  binaryauthorization: [KINDS.admissionPolicy, KINDS.attestor],
  containeranalysis: [KINDS.attestor],
  servicenetworking: [KINDS.privateServices],
  monitoring: [KINDS.alertPolicy, KINDS.slo, KINDS.uptimeCheck],
  gkebackup: [KINDS.backupPlan],
};

/** Whose service agent is not there until it is asked for, and has to be granted a key. */
const AGENTS: Readonly<Record<string, string>> = {
  sqladmin: KINDS.databaseInstance,
  secretmanager: KINDS.secret,
  artifactregistry: KINDS.repository,
};

/** Whether one of these names the API. */
function names(resources: readonly Resource[], api: string): boolean {
  return resources.some(({ props }) => textAt(props, "service") === `${api}.googleapis.com`);
}

function audits(config: Resource, api: string): boolean {
  const service = textAt(config.props, "service");
  if (service !== `${api}.googleapis.com` && service !== "allServices") return false;
  const types = listAt(config.props, "auditLogConfigs").map((each) => textAt(each, "logType"));
  return types.includes("DATA_READ") && types.includes("DATA_WRITE");
}

export const projectRules: readonly Rule[] = [
  resourceRule({
    id: "project-services-stay-enabled",
    title: "APIs stay enabled when the stack is destroyed",
    why: "Disabling an API stops everything in the project that uses it, not only this stack.",
    fix: "Set disableOnDestroy: false.",
    of: [KINDS.service],
    check: ({ props }) => expectValue(props, "disableOnDestroy", false),
  }),
  stackRule({
    id: "project-services-declared",
    title: "Every API that is used is enabled by the stack",
    why: "A first install in an empty project fails half-way at the first API that nobody has enabled.",
    fix: "Declare a gcp.projects.Service for the API.",
    check: (resources) =>
      Object.entries(APIS).flatMap(([api, kinds]) => {
        const used = resources.some(({ kind }) => kinds.includes(kind));
        if (!used || names(ofKind(resources, KINDS.service), api)) return [];
        return [violation(`no projects.Service enables ${api}.googleapis.com`)];
      }),
  }),
  stackRule({
    id: "project-service-agents-exist",
    title: "Service agents exist before they are granted a key",
    why: "Google creates these agents late; a grant to one that does not exist fails.",
    fix: "Declare a gcp.projects.ServiceIdentity for the API, and grant the key to its email.",
    check: (resources) =>
      Object.entries(AGENTS).flatMap(([api, kind]) => {
        const used = ofKind(resources, kind).length > 0;
        if (!used || names(ofKind(resources, KINDS.serviceIdentity), api)) return [];
        return [violation(`no projects.ServiceIdentity for ${api}.googleapis.com`)];
      }),
  }),
  stackRule({
    id: "gcp-2.1-audit-of-keys-and-secrets",
    title: "Each use of a key and each reading of a secret is logged",
    why: "Without data access logs nobody can tell who used a key or read a secret.",
    fix: "Declare a gcp.projects.IAMAuditConfig for the API with DATA_READ and DATA_WRITE.",
    check: (resources) =>
      [["cloudkms", KINDS.key] as const, ["secretmanager", KINDS.secret] as const].flatMap(([api, kind]) => {
        const used = ofKind(resources, kind).length > 0;
        if (!used || ofKind(resources, KINDS.auditConfig).some((config) => audits(config, api))) return [];
        return [violation(`no audit of DATA_READ and DATA_WRITE for ${api}.googleapis.com`)];
      }),
  }),
  resourceRule({
    id: "ci-federation-has-condition",
    title: "Federated logins are bound to a condition",
    why: "Without a condition every repository of the same issuer can log in.",
    fix: "Set attributeCondition to the repository, or the organisation, that may log in.",
    of: [KINDS.federationProvider],
    check: ({ props }) => expectSet(props, "attributeCondition"),
  }),
  resourceRule({
    id: "gcp-1.4-no-service-account-keys",
    title: "There are no keys of service accounts",
    why: "Such a key is a password that never expires and that anybody who copies it can use from anywhere.",
    fix: "Use workload identity in the cluster, and workload identity federation in CI.",
    of: [KINDS.serviceAccountKey],
    check: () => [violation("this is a key of a service account")],
  }),
];

// Which resources are encrypted under which key, and who has to be granted it.
import { isAfter } from "./core/is-after.js";
import { isProperties } from "./core/is-properties.js";
import { NotYetKnown } from "./core/not-yet-known.js";
import { ofKind } from "./core/of-kind.js";
import { peekAt } from "./core/peek-at.js";
import { peekListAt } from "./core/peek-list-at.js";
import { referenceOf } from "./core/reference-of.js";
import type { Resource } from "./core/resource.js";
import { type Rule, stackRule } from "./core/rule.js";
import type { Properties } from "./core/value.js";
import { violation } from "./core/verdict.js";
import { KINDS } from "./kinds.js";

interface Use {
  readonly what: string;
  readonly kind: string;
  readonly path: string;
  /** The service agent, by a part of its address that no other has. */
  readonly agent: string;
}

const USES: readonly Use[] = [
  { what: "databases", kind: KINDS.databaseInstance, path: "encryptionKeyName", agent: "gcp-sa-cloud-sql" },
  {
    what: "secrets of Kubernetes",
    kind: KINDS.cluster,
    path: "databaseEncryption.keyName",
    agent: "container-engine-robot",
  },
  { what: "disks of nodes", kind: KINDS.nodePool, path: "nodeConfig.bootDiskKmsKey", agent: "compute-system" },
  {
    what: "secrets",
    kind: KINDS.secret,
    path: "replication.userManaged.replicas",
    agent: "gcp-sa-secretmanager",
  },
  { what: "images", kind: KINDS.repository, path: "kmsKeyName", agent: "gcp-sa-artifactregistry" },
  {
    what: "backups",
    kind: KINDS.backupPlan,
    path: "backupConfig.encryptionKey.gcpKmsEncryptionKey",
    agent: "gcp-sa-gkebackup",
  },
];

/** A secret names its key in each replica; all name one. This brings it to where the others have it. */
function withPlainKey(resource: Resource): Resource {
  if (resource.kind !== KINDS.secret) return resource;
  const [replica] = peekListAt(resource.props, "replication.userManaged.replicas");
  const key = peekAt(replica, "customerManagedEncryption.kmsKeyName");
  const userManaged: Properties = { replicas: key };
  return { ...resource, props: { ...resource.props, replication: { userManaged } } };
}

interface Consumer {
  readonly use: Use;
  readonly resource: Resource;
  /** Tells its key from others; undefined when it is not known. */
  readonly key: string | undefined;
}

function consumers(resources: readonly Resource[]): readonly Consumer[] {
  return USES.flatMap((use) =>
    ofKind(resources, use.kind)
      .map(withPlainKey)
      .filter(({ props }) => peekAt(props, use.path) !== undefined && !isProperties(peekAt(props, use.path)))
      .map((resource) => ({ use, resource, key: referenceOf({ resource, path: use.path, to: KINDS.key }, resources) })),
  );
}

export const keyUseRules: readonly Rule[] = [
  stackRule({
    id: "keys-one-per-use",
    title: "Each use has a key of its own",
    why: "A key can be withdrawn, rotated or given away for one use without touching the others.",
    fix: "Declare one CryptoKey for databases, one for secrets, one for disks, and so on.",
    check: (resources) => {
      const all = consumers(resources);
      return all.flatMap(({ use, resource, key }) => {
        const other = all.find((each) => key !== undefined && each.key === key && each.use !== use);
        return other === undefined ? [] : [violation(`its key also encrypts ${other.use.what}`, resource.urn)];
      });
    },
  }),
  stackRule({
    id: "key-consumers-after-their-grant",
    title: "What is encrypted under a key is made after the grant to its service agent",
    why: "The agent cannot use the key before, and the first run fails.",
    fix: "Grant the key to the service agent by a CryptoKeyIAMMember, and let the resource depend on it.",
    check: (resources) =>
      consumers(resources).flatMap(({ use, resource, key }) => {
        const grants = ofKind(resources, KINDS.keyMember).filter((grant) => {
          const member = peekAt(grant.props, "member");
          const granted = referenceOf({ resource: grant, path: "cryptoKeyId", to: KINDS.key }, resources);
          return (
            (member instanceof NotYetKnown || (typeof member === "string" && member.includes(use.agent))) &&
            (granted === undefined || key === undefined || granted === key)
          );
        });
        if (grants.length === 0) return [violation(`its key is not granted to the agent ${use.agent}`, resource.urn)];
        if (grants.some((grant) => isAfter(resource, grant, resources))) return [];
        return [violation(`it does not depend on the grant of its key to ${use.agent}`, resource.urn)];
      }),
  }),
];

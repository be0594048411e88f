// Which resources are encrypted under which key, and who has to be granted it.
import { isAfter } from "./core/is-after.js";
import { NotYetKnown } from "./core/not-yet-known.js";
import { ofKind } from "./core/of-kind.js";
import { peekAt } from "./core/peek-at.js";
import { peekListAt } from "./core/peek-list-at.js";
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
  // The pool that a cluster starts with, and those that Autopilot makes.
  { what: "disks of nodes", kind: KINDS.cluster, path: "nodeConfig.bootDiskKmsKey", agent: "compute-system" },
  {
    what: "disks of nodes",
    kind: KINDS.cluster,
    path: "clusterAutoscaling.autoProvisioningDefaults.bootDiskKmsKey",
    agent: "compute-system",
  },
  {
    what: "secrets",
    kind: KINDS.secret,
    path: "replication.userManaged.replicas",
    agent: "gcp-sa-secretmanager",
  },
  // What Secret Manager tells of secrets: no more secret than they are.
  { what: "secrets", kind: KINDS.topic, path: "kmsKeyName", agent: "gcp-sa-pubsub" },
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
  const { kind, props: plain } = resource;
  if (kind !== KINDS.secret || plain instanceof NotYetKnown) return resource;
  const [replica] = peekListAt(resource.props, "replication.userManaged.replicas");
  const key = peekAt(replica, "customerManagedEncryption.kmsKeyName");
  const userManaged: Properties = { replicas: key };
  return { ...resource, props: { ...plain, replication: { userManaged } } };
}

/** Tells a key from others: by its id where that is known, and by its URN, which a preview knows, too. */
interface Key {
  readonly urn: string | undefined;
  readonly id: string | undefined;
}

/** Whether two are one key; undefined when that cannot be told. */
function same(one: Key, other: Key): boolean | undefined {
  if (one.id !== undefined && other.id !== undefined) return one.id === other.id;
  return one.urn === undefined || other.urn === undefined ? undefined : one.urn === other.urn;
}

/**
 * The key that a property names. Its value may come from the key itself, or from the grant of it to the agent: then it is
 * known once the agent may use it, so that whoever takes it waits for that.
 */
function keyAt(resource: Resource, path: string, resources: readonly Resource[]): Key {
  const value = peekAt(resource.props, path);
  const id = typeof value === "string" ? value : undefined;
  const [property = path] = path.split(".");
  const sources = resources.filter(({ urn }) => resource.propertyDependencies[property]?.includes(urn));
  const urns = [
    ...ofKind(sources, KINDS.key).map(({ urn }) => urn),
    ...ofKind(sources, KINDS.keyMember).map((grant) => keyAt(grant, "cryptoKeyId", resources).urn),
  ];
  const [urn] = urns;
  return { id, urn: urns.every((each) => each === urn) ? urn : undefined };
}

/** Whether the program gives a key there: what it leaves out is an output that is empty, or not yet known. */
function namesKey({ props, propertyDependencies }: Resource, path: string): boolean {
  const key = peekAt(props, path);
  const [property = path] = path.split(".");
  if (key instanceof NotYetKnown) return (propertyDependencies[property] ?? []).length > 0;
  return typeof key === "string" && key !== "";
}

interface Consumer {
  readonly use: Use;
  readonly resource: Resource;
  readonly key: Key;
}

function consumers(resources: readonly Resource[]): readonly Consumer[] {
  return USES.flatMap((use) =>
    ofKind(resources, use.kind)
      .map(withPlainKey)
      .filter((resource) => namesKey(resource, use.path))
      .map((resource) => ({ use, resource, key: keyAt(resource, use.path, resources) })),
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
        const other = all.find((each) => each.use.what !== use.what && same(each.key, key) === true);
        return other === undefined ? [] : [violation(`its key also encrypts ${other.use.what}`, resource.urn)];
      });
    },
  }),
  stackRule({
    id: "key-consumers-after-their-grant",
    title: "What is encrypted under a key is made after the grant to its service agent",
    why: "The agent cannot use the key before, and the first run fails.",
    fix: "Grant the key to the service agent by a CryptoKeyIAMMember, and take the key's id from the grant, or depend on it.",
    check: (resources) =>
      consumers(resources).flatMap(({ use, resource, key }) => {
        const grants = ofKind(resources, KINDS.keyMember).filter((grant) => {
          const member = peekAt(grant.props, "member");
          return (
            (member instanceof NotYetKnown || (typeof member === "string" && member.includes(use.agent))) &&
            same(keyAt(grant, "cryptoKeyId", resources), key) !== false
          );
        });
        if (grants.length === 0) return [violation(`its key is not granted to the agent ${use.agent}`, resource.urn)];
        if (grants.some((grant) => isAfter(resource, grant, resources))) return [];
        return [violation(`it does not depend on the grant of its key to ${use.agent}`, resource.urn)];
      }),
  }),
];

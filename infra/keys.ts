import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import type { Project } from "./project.js";

const DAY_S = 86_400;
/** A version that was scheduled for destruction can be brought back for so long. */
const DESTROY_AFTER_DAYS = 30;

/** What each key is for, and who may use it: exactly the services that encrypt with it. */
const USES = {
  database: ["sqladmin"],
  clusterSecrets: ["container"],
  disks: ["compute"],
  secrets: ["secretmanager", "pubsub"],
  images: ["artifactregistry"],
  backups: ["gkebackup"],
} as const;

type Use = keyof typeof USES;

export interface KeysArgs {
  readonly config: Pick<RelayConfig, "region" | "keyRotationDays" | "level" | "deletionProtection">;
  readonly project: Project;
}

/**
 * One key ring beside the data and one rotating key per use. Rings and keys cannot be deleted at Google; what a `destroy`
 * would do is schedule every version for destruction, and the data with them. So they are protected, and kept.
 */
export class Keys extends pulumi.ComponentResource {
  /** Wraps the keys that the relay seals webhooks with: the relay's own, whatever Google's services can read. */
  readonly #webhooks: gcp.kms.CryptoKey;
  /** Signs the images that may run. */
  readonly attestations: gcp.kms.CryptoKey;
  readonly #ids: ReadonlyMap<Use, pulumi.Output<string>>;

  constructor(name: string, { config, project }: KeysArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Keys", name, {}, options);
    const kept = { parent: this, protect: config.deletionProtection, retainOnDelete: true };
    const protectionLevel = config.level === "dev" ? "SOFTWARE" : "HSM";
    const destroyScheduledDuration = `${DESTROY_AFTER_DAYS * DAY_S}s`;
    const ring = new gcp.kms.KeyRing(name, { project: project.id, location: config.region }, kept);
    const rotating = (use: string) =>
      new gcp.kms.CryptoKey(
        `${name}-${use}`,
        {
          keyRing: ring.id,
          purpose: "ENCRYPT_DECRYPT",
          rotationPeriod: `${config.keyRotationDays * DAY_S}s`,
          destroyScheduledDuration,
          versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", protectionLevel },
          labels: { use: use.toLowerCase() },
        },
        kept,
      );
    this.#ids = new Map(
      Object.entries(USES).map(([use, services]) => {
        const key = rotating(use);
        const grants = services.map(
          (service) =>
            new gcp.kms.CryptoKeyIAMMember(
              `${name}-${use}-${service}`,
              {
                cryptoKeyId: key.id,
                role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
                member: project.agent(service),
              },
              { parent: this },
            ),
        );
        // The grants' own copies of the id: known only once they exist, so that whoever takes one waits for them.
        const id = pulumi.all(grants.map((grant) => grant.cryptoKeyId)).apply(([first]) => first ?? "");
        return [use as Use, id];
      }),
    );
    this.#webhooks = rotating("webhooks");
    this.attestations = new gcp.kms.CryptoKey(
      `${name}-attestations`,
      {
        keyRing: ring.id,
        purpose: "ASYMMETRIC_SIGN",
        destroyScheduledDuration,
        versionTemplate: { algorithm: "EC_SIGN_P256_SHA256", protectionLevel },
        labels: { use: "attestations" },
      },
      kept,
    );
    this.registerOutputs({ ring: ring.id });
  }

  /** Id of the key for a use, known once the service that encrypts with it has been granted it. */
  id(use: Use): pulumi.Output<string> {
    const id = this.#ids.get(use);
    if (id === undefined) throw new Error(`There is no key for ${use}.`);
    return id;
  }

  /** Lets an account wrap and unwrap the relay's data keys. Gives the key's id, known once it may. */
  webhooksFor(account: gcp.serviceaccount.Account): pulumi.Output<string> {
    return new gcp.kms.CryptoKeyIAMMember(
      "webhooks-server",
      {
        cryptoKeyId: this.#webhooks.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: account.member,
      },
      { parent: this },
    ).cryptoKeyId;
  }
}

import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { RelayConfig } from "./config/read-config.js";
import type { Keys } from "./keys.js";
import type { Project } from "./project.js";

const ROTATE_EVERY_S = 90 * 86_400;

export interface AdministratorArgs {
  readonly config: Pick<
    RelayConfig,
    "deletionProtection" | "level" | "region" | "adminTokenVersion" | "administrators"
  >;
  readonly project: Project;
  readonly keys: Keys;
  readonly notices: pulumi.Input<string>;
  /** Secrets' ids are unique in the project. */
  readonly prefix: string;
  /** When the first reminder to rotate is due, if the secret is new. */
  readonly firstRotation: string;
}

/** The relay's administrator token: its key, and its secret in Secret Manager, encrypted under the stack's own key. */
export class Administrator extends pulumi.ComponentResource {
  readonly key: pulumi.Output<string>;
  /** projects/P/secrets/S */
  readonly secret: pulumi.Output<string>;
  readonly secretId: pulumi.Output<string>;
  readonly #project: Project;

  constructor(name: string, args: AdministratorArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Administrator", name, {}, options);
    const { config, project, keys } = args;
    this.#project = project;
    const parent = { parent: this };
    this.key = new random.RandomUuid(name, {}, parent).result;
    const value = new random.RandomPassword(
      name,
      { length: 43, special: false, keepers: { version: String(config.adminTokenVersion) } },
      parent,
    );
    const secret = new gcp.secretmanager.Secret(
      name,
      {
        project: project.id,
        secretId: `${args.prefix}-administrator`,
        replication: {
          userManaged: {
            replicas: [{ location: config.region, customerManagedEncryption: { kmsKeyName: keys.id("secrets") } }],
          },
        },
        topics: [{ name: args.notices }],
        rotation: { rotationPeriod: `${ROTATE_EVERY_S}s`, nextRotationTime: args.firstRotation },
        // A version that is destroyed by mistake can be had back for a day.
        versionDestroyTtl: "86400s",
        deletionProtection: config.deletionProtection,
        labels: { app: "relay", level: config.level },
      },
      // Secret Manager moves the date on at each reminder.
      { ...parent, protect: config.deletionProtection, ignoreChanges: ["rotation.nextRotationTime"] },
    );
    const version = new gcp.secretmanager.SecretVersion(
      name,
      {
        secret: secret.id,
        // Write-only: not in the state of this resource.
        secretDataWo: value.result,
        secretDataWoVersion: config.adminTokenVersion,
      },
      { ...parent, deleteBeforeReplace: false },
    );
    this.secret = pulumi.all([secret.id, version.id]).apply(([id]) => id);
    this.secretId = secret.secretId;
    for (const member of config.administrators) this.allow(member.replace(/[^A-Za-z0-9]+/g, "-"), member);
    this.registerOutputs({ key: this.key, secret: this.secret });
  }

  /** Lets a member read the secret. Gives the secret's id, known once it may. */
  allow(name: string, member: pulumi.Input<string>): pulumi.Output<string> {
    const grant = new gcp.secretmanager.SecretIamMember(
      `administrator-${name}`,
      {
        project: this.#project.id,
        secretId: this.secretId,
        role: "roles/secretmanager.secretAccessor",
        member,
      },
      { parent: this },
    );
    return pulumi.all([this.secret, grant.id]).apply(([secret]) => secret);
  }
}

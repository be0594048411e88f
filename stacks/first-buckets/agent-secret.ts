import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type * as relay from "@relay/pulumi";

export interface AgentSecretArgs {
  readonly token: relay.Token;
  /** Counts up with every new secret of the token: write-only data is written when its number changes. */
  readonly version: number;
  readonly project: pulumi.Input<string>;
  /** The one region that keeps it. */
  readonly region: pulumi.Input<string>;
  /** Full name of the Cloud KMS key that it is encrypted under, in the same region. */
  readonly kmsKey: pulumi.Input<string>;
  /** Who may read it, as `serviceAccount:agent@my-project.iam.gserviceaccount.com`. */
  readonly readers: readonly string[];
}

/**
 * Hands a token to agents by way of Secret Manager, as the JSON that `relay run --token-file` takes. Pulumi keeps the token's
 * secret in the state, encrypted, as it keeps everything secret; no output shows it.
 */
export class AgentSecret extends pulumi.ComponentResource {
  readonly secretId: pulumi.Output<string>;

  constructor(name: string, args: AgentSecretArgs, options?: pulumi.ComponentResourceOptions) {
    super("first-buckets:index:AgentSecret", name, {}, options);
    const { token, version, project, region, kmsKey, readers } = args;
    const parent = { parent: this };
    const secret = new gcp.secretmanager.Secret(
      name,
      {
        project,
        secretId: `relay-${name}`,
        replication: {
          userManaged: {
            replicas: [
              {
                location: region,
                customerManagedEncryption: { kmsKeyName: kmsKey },
              },
            ],
          },
        },
      },
      parent,
    );
    new gcp.secretmanager.SecretVersion(
      name,
      {
        secret: secret.id,
        secretDataWo: pulumi.secret(pulumi.jsonStringify({ key: token.id, secret: token.secret })),
        secretDataWoVersion: version,
        // The one before is of no use after its grace, and can be looked at until then.
        deletionPolicy: "DISABLE",
      },
      parent,
    );
    for (const [index, member] of readers.entries()) {
      new gcp.secretmanager.SecretIamMember(
        `${name}-${index}`,
        { project, secretId: secret.secretId, role: "roles/secretmanager.secretAccessor", member },
        parent,
      );
    }
    this.secretId = secret.secretId;
    this.registerOutputs({ secretId: this.secretId });
  }
}

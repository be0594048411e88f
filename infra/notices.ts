import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { Keys } from "./keys.js";
import type { Project } from "./project.js";

export interface NoticesArgs {
  readonly project: Project;
  readonly keys: Keys;
}

/** Topic that Google's services tell news on: security bulletins of GKE, secrets that are due for rotation. */
export class Notices extends pulumi.ComponentResource {
  readonly topic: pulumi.Output<string>;

  constructor(name: string, { project, keys }: NoticesArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Notices", name, {}, options);
    const topic = new gcp.pubsub.Topic(
      name,
      { project: project.id, kmsKeyName: keys.id("secrets"), messageRetentionDuration: "604800s" },
      { parent: this },
    );
    // Secret Manager refuses a secret whose topic it may not publish to.
    const grant = new gcp.pubsub.TopicIAMMember(
      `${name}-secretmanager`,
      {
        project: project.id,
        topic: topic.name,
        role: "roles/pubsub.publisher",
        member: project.agent("secretmanager"),
      },
      { parent: this },
    );
    this.topic = pulumi.all([topic.id, grant.id]).apply(([id]) => id);
    this.registerOutputs({ topic: this.topic });
  }
}

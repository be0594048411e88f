import type * as pulumi from "@pulumi/pulumi";

/** What every program of the image is deployed with. */
export interface WorkloadArgs {
  readonly image: string;
  readonly proxyImage: string;
  readonly namespace: pulumi.Input<string>;
  readonly priorityClass: pulumi.Input<string>;
  /** E-mail of the Google account that its pods act as. */
  readonly account: pulumi.Input<string>;
  readonly database: DatabaseLogin;
}

/** The way into the database. */
export interface DatabaseLogin {
  /** PROJECT:REGION:INSTANCE */
  readonly connectionName: pulumi.Input<string>;
  readonly name: pulumi.Input<string>;
  /** Who logs in. */
  readonly user: pulumi.Input<string>;
}

import * as pulumi from "@pulumi/pulumi";

export interface NextStepsArgs {
  /** Whether servers are deployed. */
  readonly deployed: boolean;
  readonly registry: pulumi.Input<string>;
  readonly dnsToDo: pulumi.Input<string[]>;
  readonly apiUrl: pulumi.Input<string>;
}

/** What is left to do after this `up`, in order, for the stack's outputs. */
export function nextSteps({ deployed, registry, dnsToDo, apiUrl }: NextStepsArgs): pulumi.Output<string[]> {
  return pulumi.all([registry, dnsToDo, apiUrl]).apply(([images, dns, api]) => {
    if (deployed) return [...dns, `Declare buckets at https://${api}: see stacks/README.md`];
    return [
      ...dns,
      `Build and push the image to ${images}/server, and copy the Cloud SQL Auth Proxy to ${images}/cloud-sql-proxy: see docs/operate/first-install.md`,
      "pulumi config set image …@sha256:… and pulumi config set proxyImage …@sha256:…",
      "pulumi up",
    ];
  });
}

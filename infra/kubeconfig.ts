import * as pulumi from "@pulumi/pulumi";

/**
 * A kubeconfig without a secret in it: whoever runs the program logs in as themselves, by Google's plugin
 * (`gke-gcloud-auth-plugin`), at the control plane's DNS name, whose certificate is publicly trusted.
 */
export function kubeconfig(cluster: {
  readonly name: pulumi.Input<string>;
  readonly endpoint: pulumi.Input<string>;
}): pulumi.Output<string> {
  return pulumi.all([cluster.name, cluster.endpoint]).apply(([name, endpoint]) =>
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [{ name, cluster: { server: `https://${endpoint}` } }],
      users: [
        {
          name,
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1beta1",
              command: "gke-gcloud-auth-plugin",
              installHint: "Install gke-gcloud-auth-plugin: gcloud components install gke-gcloud-auth-plugin",
              interactiveMode: "Never",
              provideClusterInfo: true,
            },
          },
        },
      ],
    }),
  );
}

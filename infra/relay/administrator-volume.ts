import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Where the secret is mounted, in memory, and kept up to date by the cluster's Secret Manager add-on. */
export const SECRET_FOLDER = "/var/run/relay";
export const SECRET_FILE = "administrator";

/** A volume with the newest version of the administrator token's secret: read with the pod's own identity, never stored. */
export function administratorVolume(
  name: string,
  args: { readonly namespace: pulumi.Input<string>; readonly administrator: { readonly secret: pulumi.Input<string> } },
  parent: pulumi.Resource,
): k8s.types.input.core.v1.Volume {
  const secrets = new k8s.apiextensions.CustomResource(
    `${name}-administrator`,
    {
      apiVersion: "secrets-store.csi.x-k8s.io/v1",
      kind: "SecretProviderClass",
      metadata: { namespace: args.namespace, name: "administrator" },
      spec: {
        provider: "gke",
        parameters: {
          // YAML in a string; JSON is YAML.
          secrets: pulumi.jsonStringify([
            { resourceName: pulumi.interpolate`${args.administrator.secret}/versions/latest`, path: SECRET_FILE },
          ]),
        },
      },
    },
    { parent },
  );
  return {
    name: "administrator",
    csi: {
      driver: "secrets-store-gke.csi.k8s.io",
      readOnly: true,
      volumeAttributes: { secretProviderClass: secrets.metadata.name },
    },
  };
}

import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import * as relay from "@relay/pulumi";

export interface RelayServerArgs {
  /** The stack that deployed it, as ORGANIZATION/relay/STACK; with a state in a bucket ORGANIZATION is `organization`. */
  readonly infrastructure: string;
  /** PEM file of the certificate to trust, for a relay without a domain (its output `edgeCertificate`). */
  readonly caFile?: string | undefined;
}

/** What is needed of a relay to declare something on it. */
export interface RelayServer {
  /** Talks to its API as the administrator. */
  readonly provider: relay.Provider;
  /** Makes what belongs into its Google Cloud project. */
  readonly google: gcp.Provider;
  readonly project: pulumi.Output<string>;
  readonly region: pulumi.Output<string>;
  /** Full name of the Cloud KMS key that the relay's own secrets are encrypted under. */
  readonly secretsKey: pulumi.Output<string>;
  /** Where agents connect: `https://…` for the WebSocket, `HOST:443` for gRPC. */
  readonly agents: { readonly url: pulumi.Output<string>; readonly grpcAddress: pulumi.Output<string> };
}

/**
 * Finds a relay by the outputs of the stack that deployed it. The administrator token's secret is no output of that stack: it
 * is read from Secret Manager by whoever runs this program, who has to be one of that stack's `administrators` (or its
 * pipeline), and never becomes an output here either.
 */
export function relayServer({ infrastructure, caFile }: RelayServerArgs): RelayServer {
  const stack = new pulumi.StackReference(infrastructure);
  const output = (name: string): pulumi.Output<string> =>
    stack.requireOutput(name).apply((value: unknown) => {
      if (typeof value === "string") return value;
      throw new Error(`The output ${name} of ${infrastructure} is no text. Bring that stack up to date: pulumi up`);
    });
  const project = output("project");
  const region = output("region");
  const google = new gcp.Provider("google", { project, region });
  const secret = gcp.secretmanager.getSecretVersionAccessOutput(
    { project, secret: output("administratorSecret") },
    { provider: google },
  ).secretData;
  const provider = new relay.Provider("relay", {
    address: output("apiUrl"),
    key: output("administratorKey"),
    secret: pulumi.secret(secret),
    ...(caFile === undefined ? {} : { caFile }),
  });
  const agents = { url: output("agentUrl"), grpcAddress: output("agentGrpcAddress") };
  return { provider, google, project, region, secretsKey: output("secretsKey"), agents };
}

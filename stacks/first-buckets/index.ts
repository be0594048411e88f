import * as pulumi from "@pulumi/pulumi";
import * as relay from "@relay/pulumi";
import { AgentSecret } from "./agent-secret";
import { relayServer } from "./relay-server";

const config = new pulumi.Config();
const { provider, google, project, region, secretsKey, agents } = relayServer({
  infrastructure: config.get("infrastructure") ?? `${pulumi.getOrganization()}/relay/${pulumi.getStack()}`,
  caFile: config.get("caFile"),
});
const here = { provider };

const bucket = new relay.Bucket("github", { name: "github", description: "Pushes and pull requests" }, here);
const input = new relay.Input("push", { bucket: bucket.id, name: "push", statusCode: 202 }, here);
new relay.Output(
  "ci",
  { bucket: bucket.id, name: "ci", destination: config.require("destination"), timeout: 30 },
  here,
);

// Counted up, it gives the agents a new secret; the one before stays good for an hour.
const version = config.getNumber("agentTokenVersion") ?? 1;
const token = new relay.Token(
  "agent",
  {
    name: "first-agent",
    description: "Agents of the first buckets",
    apiAccess: "disabled",
    scopes: { buckets: [bucket.name] },
    rotationTrigger: { version: String(version) },
    rotationGrace: 3600,
  },
  here,
);
const handedOver = new AgentSecret(
  "first-agent",
  {
    token,
    version,
    project,
    region,
    kmsKey: secretsKey,
    readers: config.getObject<string[]>("agentReaders") ?? [],
  },
  { provider: google },
);

/** Where senders post to. */
export const addresses = { push: input.url };
/** Name of the secret in Secret Manager that agents log in with. */
export const agentSecret = handedOver.secretId;
/** Where agents connect. */
export const agentUrl = agents.url;
export const agentGrpcAddress = agents.grpcAddress;

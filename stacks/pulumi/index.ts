import * as pulumi from "@pulumi/pulumi";
import * as relay from "@relay/pulumi";
import { isEnvironment, servicesOf } from "./services";

// Address and credentials come from RELAY_API_ADDRESS, RELAY_KEY and RELAY_SECRET, or from `pulumi config set relay:…`.
const config = new pulumi.Config();
const environment = config.get("environment") ?? pulumi.getStack();
if (!isEnvironment(environment)) throw new Error(`There are dev, staging and prod, not ${environment}.`);
const production = environment !== "dev";

const services = servicesOf(environment).map(([name, service]) => {
  const alertsToken = config.getSecret("alertsToken") ?? process.env.ALERTS_TOKEN;
  if (service.guarded && alertsToken === undefined) throw new Error("Set alertsToken, or ALERTS_TOKEN.");
  const bucket = new relay.Bucket(name, {
    name: `shop-${name}`,
    description: service.description,
    ephemeral: !production,
    largeWebhooks: service.largeWebhooks,
    ...(service.guarded ? { auth: { type: "token", token: alertsToken } } : {}),
  });
  const input = new relay.Input(name, { bucket: bucket.id, ...service.input });
  const { path, ...output } = service.output;
  new relay.Output(name, {
    bucket: bucket.id,
    ...output,
    destination: `http://${output.name}.${environment}.shop.internal:8080${path}`,
    timeout: production ? 60 : 10,
    headers: { "X-Environment": [environment] },
  });
  return { name, bucket, input };
});

const agent = new relay.Token("agent", {
  name: "shop-agent",
  description: "Agents of the team shop",
  scopes: { buckets: services.map(({ bucket }) => bucket.name) },
});

/** Where senders post to. */
export const addresses = Object.fromEntries(services.map(({ name, input }) => [name, input.url]));
/** What agents log in with. */
export const agentKey = agent.id;
export const agentSecret = agent.secret;

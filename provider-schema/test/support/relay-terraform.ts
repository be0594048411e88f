import { randomBytes } from "node:crypto";
import type { TestServer } from "../../../server/test/support/run-server.js";
import type { ProviderSchema } from "../../src/model.js";
import { SCHEMA } from "../../src/schema.js";
import { servePlugin } from "../../src/terraform/plugin/serve-plugin.js";
import { providerContext } from "../../src/terraform/provider-context.js";
import { providerService } from "../../src/terraform/provider-service.js";
import type { TerraformEngine } from "./engines.js";
import { makeTerraformProject, type ReattachProvider, type TerraformProject } from "./terraform-project.js";

/** Source address of the provider in tests; no host of this name exists. */
export const SOURCE = "relay.test/relay/relay";

/** How a test's provider finds its server. */
export function relayEnvironment(server: TestServer): Record<string, string> {
  return {
    RELAY_API_ADDRESS: server.at.http,
    RELAY_KEY: server.adminKey,
    RELAY_SECRET: server.adminSecret,
  };
}

/** The block that every configuration here begins with. */
export const PREAMBLE = {
  terraform: { required_providers: { relay: { source: SOURCE } } },
  provider: { relay: {} },
};

export interface RelayProject extends TerraformProject {
  /** Writes the one configuration file: the preamble with these resources, outputs and so on. */
  configure(content: object): Promise<void>;
}

export interface RelayProjectOptions {
  /** Of the provider, on top of where its server is. */
  readonly env?: Readonly<Record<string, string>>;
  /** Source address to another provider, by what it declares. */
  readonly others?: Readonly<Record<string, ProviderSchema>>;
}

/** A project whose provider runs inside the test process: nothing is started for each command. */
export async function makeRelayProject(
  engine: TerraformEngine,
  server: TestServer,
  content: object,
  { env = {}, others = {} }: RelayProjectOptions = {},
): Promise<RelayProject> {
  const serve = (schema: ProviderSchema) =>
    servePlugin({
      service: providerService(
        providerContext(schema, { version: "0.0.0-test", env: { ...relayEnvironment(server), ...env }, log: () => {} }),
      ),
      clientCertificate: undefined,
      onShutdown: () => {},
    });
  const plugins = await Promise.all(
    Object.entries({ [SOURCE]: SCHEMA, ...others }).map(
      async ([source, schema]) => [source, await serve(schema)] as const,
    ),
  );
  const project = await makeTerraformProject(engine, {
    files: { "main.tf.json": { ...PREAMBLE, ...content } },
    providers: {
      reattach: Object.fromEntries(plugins.map(([source, { address }]) => [source, reattached(address)])),
    },
  });
  const close = project.close.bind(project);
  return Object.assign(project, {
    configure: (next: object) => project.write("main.tf.json", { ...PREAMBLE, ...next }),
    close: async () => {
      await close();
      await Promise.all(plugins.map(([, plugin]) => plugin.close()));
    },
  });
}

function reattached(address: string): ReattachProvider {
  return {
    Protocol: "grpc",
    ProtocolVersion: 6,
    Pid: process.pid,
    Test: true,
    Addr: { Network: "unix", String: address },
  };
}

/** A reference in JSON configuration, such as `relay_bucket.it.id`. */
export function ref(expression: string): string {
  return `\${${expression}}`;
}

/** A name that no other test uses. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}

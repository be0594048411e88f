import { randomBytes } from "node:crypto";
import type { TestServer } from "../../../server/test/support/run-server.js";
import { SCHEMA } from "../../src/schema.js";
import { servePlugin } from "../../src/terraform/plugin/serve-plugin.js";
import { providerContext } from "../../src/terraform/provider-context.js";
import { providerService } from "../../src/terraform/provider-service.js";
import type { TerraformEngine } from "./engines.js";
import { makeTerraformProject, type TerraformProject } from "./terraform-project.js";

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

/** A project whose provider runs inside the test process: nothing is started for each command, and its calls can be looked at. */
export async function makeRelayProject(
  engine: TerraformEngine,
  server: TestServer,
  content: object,
  { env = {} }: { env?: Record<string, string> } = {},
): Promise<RelayProject> {
  const plugin = await servePlugin({
    service: providerService(
      providerContext(SCHEMA, { version: "0.0.0-test", env: { ...relayEnvironment(server), ...env }, log: () => {} }),
    ),
    clientCertificate: undefined,
    onShutdown: () => {},
  });
  const project = await makeTerraformProject(engine, {
    files: { "main.tf.json": { ...PREAMBLE, ...content } },
    providers: {
      reattach: {
        [SOURCE]: {
          Protocol: "grpc",
          ProtocolVersion: 6,
          Pid: process.pid,
          Test: true,
          Addr: { Network: "unix", String: plugin.address },
        },
      },
    },
  });
  const close = project.close.bind(project);
  return Object.assign(project, {
    configure: (next: object) => project.write("main.tf.json", { ...PREAMBLE, ...next }),
    close: async () => {
      await close();
      await plugin.close();
    },
  });
}

/** A name that no other test uses. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}

import { credentials } from "@grpc/grpc-js";
import type { TestServer } from "../../../server/test/support/run-server.js";
import type { Value, Values } from "../../src/engine/value.js";
import { SCHEMA } from "../../src/schema.js";
import { servePlugin } from "../../src/terraform/plugin/serve-plugin.js";
import { type Diagnostic, ProviderClient } from "../../src/terraform/protocol/generated/tfplugin6.js";
import { providerContext } from "../../src/terraform/provider-context.js";
import { providerService } from "../../src/terraform/provider-service.js";
import { encodeObject } from "../../src/terraform/value/encode.js";
import { relayEnvironment } from "./relay-terraform.js";

/** Calls of the protocol that no engine at hand makes. */
interface Calls {
  validate(type: string, config: Values, capabilities: { writeOnly: boolean }): Promise<Diagnostic[]>;
}

/** A client of the protocol, connected to the provider, for what engines at hand cannot show. */
export async function withProviderClient(server: TestServer, use: (calls: Calls) => Promise<void>): Promise<void> {
  const context = providerContext(SCHEMA, { version: "0.0.0-test", env: relayEnvironment(server), log: () => {} });
  const plugin = await servePlugin({
    service: providerService(context),
    clientCertificate: undefined,
    onShutdown: () => {},
  });
  const client = new ProviderClient(`unix:${plugin.address}`, credentials.createInsecure());
  try {
    await use({
      validate: (typeName, config, { writeOnly }) =>
        new Promise((resolve, reject) => {
          const request = {
            typeName,
            config: encodeObject(context.resource(typeName).attributes, config as { [name: string]: Value }),
            clientCapabilities: { deferralAllowed: false, writeOnlyAttributesAllowed: writeOnly },
          };
          client.validateResourceConfig(request, (error, answer) =>
            error === null ? resolve(answer.diagnostics) : reject(error),
          );
        }),
    });
  } finally {
    client.close();
    await plugin.close();
  }
}

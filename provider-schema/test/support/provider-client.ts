import { credentials } from "@grpc/grpc-js";
import type { TestServer } from "../../../server/test/support/run-server.js";
import type { Values } from "../../src/engine/value.js";
import { SCHEMA } from "../../src/schema.js";
import { servePlugin } from "../../src/terraform/plugin/serve-plugin.js";
import {
  type Diagnostic,
  type DynamicValue,
  ProviderClient,
} from "../../src/terraform/protocol/generated/tfplugin6.js";
import { providerContext } from "../../src/terraform/provider-context.js";
import { providerService } from "../../src/terraform/provider-service.js";
import { decodeObject } from "../../src/terraform/value/decode.js";
import { encodeObject } from "../../src/terraform/value/encode.js";
import { relayEnvironment } from "./relay-terraform.js";

/** A token that lives for one run, as the host holds it. */
interface OpenToken {
  readonly values: Values;
  readonly renewAt: Date | undefined;
  readonly kept: Uint8Array | undefined;
}

/** Calls of the protocol that no engine at hand makes, or not before half a minute has passed. */
interface Calls {
  validate(type: string, config: Values, capabilities: { writeOnly: boolean }): Promise<Diagnostic[]>;
  openToken(config: Values): Promise<OpenToken>;
  renewToken(token: OpenToken): Promise<Date | undefined>;
  closeToken(token: OpenToken): Promise<void>;
}

/** A client of the protocol, connected to a configured provider, for what engines at hand cannot show. */
export async function withProviderClient(server: TestServer, use: (calls: Calls) => Promise<void>): Promise<void> {
  const context = providerContext(SCHEMA, { version: "0.0.0-test", env: relayEnvironment(server), log: () => {} });
  const plugin = await servePlugin({
    service: providerService(context),
    clientCertificate: undefined,
    onShutdown: () => {},
  });
  const client = new ProviderClient(`unix:${plugin.address}`, credentials.createInsecure());
  const { attributes } = context.ephemeralResource("relay_token");
  try {
    await answer((done) =>
      client.configureProvider(
        { terraformVersion: "1.11.4", config: encodeObject({}, {}), clientCapabilities: undefined },
        done,
      ),
    );
    await use({
      validate: async (typeName, config, { writeOnly }) => {
        const request = {
          typeName,
          config: encodeObject(context.resource(typeName).attributes, config),
          clientCapabilities: { deferralAllowed: false, writeOnlyAttributesAllowed: writeOnly },
        };
        return (await answer<{ diagnostics: Diagnostic[] }>((done) => client.validateResourceConfig(request, done)))
          .diagnostics;
      },
      openToken: async (config) => {
        const request = {
          typeName: "relay_token",
          config: encodeObject(attributes, config),
          clientCapabilities: undefined,
        };
        const opened = await answer<{ result: DynamicValue | undefined; renewAt?: Date; private?: Uint8Array }>(
          (done) => client.openEphemeralResource(request, done as never),
        );
        return {
          values: decodeObject(attributes, opened.result) ?? {},
          renewAt: opened.renewAt,
          kept: opened.private,
        };
      },
      renewToken: async ({ kept }) => {
        const request = { typeName: "relay_token", private: kept };
        return (await answer<{ renewAt?: Date }>((done) => client.renewEphemeralResource(request, done as never)))
          .renewAt;
      },
      closeToken: async ({ kept }) => {
        await answer((done) => client.closeEphemeralResource({ typeName: "relay_token", private: kept }, done));
      },
    });
  } finally {
    client.close();
    await plugin.close();
  }
}

/** The answer of one call; rejects when there is none. */
function answer<T extends object>(call: (done: (error: Error | null, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

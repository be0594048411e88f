import { BUCKET_DATA } from "./data-sources/bucket.js";
import { INPUT_DATA } from "./data-sources/input.js";
import { SERVER_DATA } from "./data-sources/server.js";
import { TOKENS_DATA } from "./data-sources/tokens.js";
import { TOKEN_EPHEMERAL } from "./ephemeral-resources/token.js";
import { INPUT_URL } from "./functions/input-url.js";
import { PARSE_OUTPUT_RULES } from "./functions/parse-output-rules.js";
import type { ProviderSchema } from "./model.js";
import { BUCKET } from "./resources/bucket.js";
import { CRON } from "./resources/cron.js";
import { FUNCTION } from "./resources/function.js";
import { INPUT } from "./resources/input.js";
import { OUTPUT } from "./resources/output.js";
import { TOKEN } from "./resources/token.js";

/** Everything that can be declared. All that is derived follows from this value alone. */
export const SCHEMA: ProviderSchema = {
  name: "relay",
  arguments: {
    address: {
      environment: "RELAY_API_ADDRESS",
      attribute: {
        kind: { type: "string" },
        presence: "optional",
        check: "destination",
        example: "https://relay.example.com",
        doc: "Address of the server's management API.",
      },
    },
    key: {
      environment: "RELAY_KEY",
      attribute: {
        kind: { type: "string" },
        presence: "optional",
        doc: "Key of a token that may use the management API.",
      },
    },
    secret: {
      environment: "RELAY_SECRET",
      attribute: { kind: { type: "string" }, presence: "optional", secret: "given", doc: "Secret of that token." },
    },
    ca_file: {
      environment: "RELAY_CA_FILE",
      attribute: {
        kind: { type: "string" },
        presence: "optional",
        example: "/etc/relay/ca.pem",
        doc: "PEM file of the authorities that sign the server's certificate, instead of the system's.",
      },
    },
  },
  // What others refer to before those: the order in which objects are made.
  resources: [BUCKET, FUNCTION, INPUT, OUTPUT, CRON, TOKEN],
  dataSources: [BUCKET_DATA, INPUT_DATA, TOKENS_DATA, SERVER_DATA],
  ephemeralResources: [TOKEN_EPHEMERAL],
  functions: [INPUT_URL, PARSE_OUTPUT_RULES],
};

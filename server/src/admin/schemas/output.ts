import type { HeaderMap } from "../../catalog/model.js";
import { onlyDefault, onlyDisabled, onlyEmpty } from "./unsupported.js";

/** Body of POST and PUT of an output. Read-only and unknown fields are ignored. */
export interface OutputBody {
  readonly name?: string;
  readonly description?: string;
  readonly destination?: string;
  readonly disabled?: boolean;
  readonly lock_path?: boolean;
  readonly headers?: HeaderMap;
  readonly timeout?: number;
  readonly tls_verification?: boolean;
  readonly agents?: "one" | "each";
}

export const OUTPUT_SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 200, check: "name", hint: '"ci"' },
    description: { type: "string", maxLength: 2000, check: "text" },
    destination: {
      type: "string",
      minLength: 1,
      maxLength: 2000,
      check: "destination",
      hint: '"http://localhost:3000/hooks"',
    },
    // The classic API takes an absent `internal` for false. Here it is true: public delivery comes with a later version.
    internal: { enum: [true], refused: "must be true: this version delivers through agents only" },
    disabled: { type: "boolean" },
    lock_path: { type: "boolean" },
    headers: { type: "object", check: "headers", hint: '{"X-Environment": ["staging"]}' },
    timeout: { type: "integer", minimum: 0, maximum: 180, hint: "30" },
    tls_verification: { type: "boolean" },
    agents: { enum: ["one", "each"] },
    function_id: onlyDefault(""),
    response_function_id: onlyDefault(""),
    retries: onlyDefault(0),
    rules: onlyEmpty(),
    durability: onlyDisabled(),
    throttle: onlyDisabled(),
    replay_missing: onlyDisabled(),
  },
};

import type { HeaderMap } from "../../catalog/model.js";
import { onlyDefault } from "./unsupported.js";

/** Body of POST and PUT of an input. Read-only and unknown fields are ignored. */
export interface InputBody {
  readonly name?: string;
  readonly description?: string;
  readonly status_code?: number;
  readonly headers?: HeaderMap;
  readonly body?: string;
}

export const INPUT_SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 200, check: "name", hint: '"github"' },
    description: { type: "string", maxLength: 2000, check: "text" },
    status_code: { type: "integer", check: "statusCode", hint: "202" },
    headers: { type: "object", check: "headers", hint: '{"Content-Type": ["text/plain"]}' },
    body: { type: "string", check: "body" },
    function_id: onlyDefault(""),
    response_from_output: onlyDefault(""),
    custom_domain: onlyDefault(""),
    path_prefix: onlyDefault(""),
    strip_path_prefix: onlyDefault(false),
    legacy_tls: onlyDefault(false),
    tls_version: onlyDefault(""),
  },
};

import { apiBodySchema, INPUT } from "@relay/provider-schema";
import { onlyDefault } from "./unsupported.js";
import { withClassicFields } from "./with-classic-fields.js";

export const INPUT_SCHEMA = withClassicFields(apiBodySchema(INPUT), {
  function_id: { type: "string", maxLength: 200 },
  custom_domain: onlyDefault(""),
  path_prefix: onlyDefault(""),
  strip_path_prefix: onlyDefault(false),
  legacy_tls: onlyDefault(false),
  tls_version: onlyDefault(""),
});

import { apiBodySchema, OUTPUT } from "@relay/provider-schema";
import { onlyDefault, onlyDisabled } from "./unsupported.js";
import { withClassicFields } from "./with-classic-fields.js";

export const OUTPUT_SCHEMA = withClassicFields(apiBodySchema(OUTPUT), {
  function_id: onlyDefault(""),
  response_function_id: onlyDefault(""),
  retries: onlyDefault(0),
  durability: onlyDisabled(),
  throttle: onlyDisabled(),
  replay_missing: onlyDisabled(),
});

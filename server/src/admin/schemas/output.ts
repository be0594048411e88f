import { apiBodySchema, OUTPUT } from "@relay/provider-schema";
import { CLASSIC_OUTPUT_SCHEMA } from "../classic-output.js";
import { onlyDisabled } from "./unsupported.js";
import { withClassicFields } from "./with-classic-fields.js";

export const OUTPUT_SCHEMA = withClassicFields(apiBodySchema(OUTPUT), {
  function_id: { type: "string", maxLength: 200 },
  response_function_id: { type: "string", maxLength: 200 },
  ...CLASSIC_OUTPUT_SCHEMA,
  replay_missing: onlyDisabled(),
});

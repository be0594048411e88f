import { apiBodySchema, BUCKET } from "@relay/provider-schema";
import { onlyDefault } from "./unsupported.js";
import { withClassicFields } from "./with-classic-fields.js";

export const BUCKET_SCHEMA = withClassicFields(apiBodySchema(BUCKET), {
  static_ip: onlyDefault(false),
  default_input: { type: "boolean" },
});

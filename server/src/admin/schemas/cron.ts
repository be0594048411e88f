import { apiBodySchema, CRON } from "@relay/provider-schema";
import { onlyDefault } from "./unsupported.js";
import { withClassicFields } from "./with-classic-fields.js";

export const CRON_SCHEMA = withClassicFields(apiBodySchema(CRON), { function_id: onlyDefault("") });

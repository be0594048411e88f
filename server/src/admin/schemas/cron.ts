import { apiBodySchema, CRON } from "@relay/provider-schema";
import { withClassicFields } from "./with-classic-fields.js";

export const CRON_SCHEMA = withClassicFields(apiBodySchema(CRON), { function_id: { type: "string", maxLength: 200 } });

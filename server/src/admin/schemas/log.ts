import type { HeaderMap } from "../../catalog/model.js";

/** Body of PUT /v1/logs/{id}: what a client reports of a delivery. Other fields of a log are ignored. */
export interface LogReportBody {
  readonly status?: "sent" | "failed" | "stalled" | "rejected";
  readonly status_code?: number;
  readonly response_body?: string;
  readonly response_headers?: HeaderMap;
  readonly retries?: number;
}

export const LOG_REPORT_SCHEMA = {
  type: "object",
  properties: {
    status: { enum: ["sent", "failed", "stalled", "rejected"] },
    status_code: { type: "integer", minimum: 0, maximum: 999 },
    response_body: { type: "string", check: "base64" },
    response_headers: { type: "object", check: "reportedHeaders" },
    retries: { type: "integer", minimum: 0, maximum: 10000 },
  },
};

/** Body of POST /v1/logs/{id}/action. */
export interface LogActionBody {
  readonly action: "resend";
  readonly output?: string;
  /** `skip`: functions of the output do not run again. They do unless told otherwise. */
  readonly process_policy?: "" | "skip" | "force";
}

export const LOG_ACTION_SCHEMA = {
  type: "object",
  required: ["action"],
  properties: {
    action: { enum: ["resend"], hint: '"resend"' },
    output: { type: "string", maxLength: 200 },
    process_policy: { enum: ["", "skip", "force"] },
  },
};

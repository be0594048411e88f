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

/** Body of POST /v1/logs/resend. */
export interface ResendBody {
  readonly bucket: string;
  readonly status?: "stalled" | "failed" | "rejected" | "sent" | "received";
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export const RESEND_SCHEMA = {
  type: "object",
  required: ["bucket"],
  properties: {
    bucket: { type: "string", minLength: 1, maxLength: 200, hint: '"github"' },
    status: { enum: ["stalled", "failed", "rejected", "sent", "received"] },
    from: { type: "string", maxLength: 40 },
    to: { type: "string", maxLength: 40 },
    limit: { type: "integer", minimum: 1, maximum: 1000 },
    cursor: { type: "string", maxLength: 200 },
  },
};

/** Body of POST /v1/resends. */
export interface ResendBody {
  readonly bucket: string;
  readonly status?: readonly ("stalled" | "failed" | "rejected" | "sent" | "received")[];
  readonly output?: string;
  readonly input?: string;
  readonly from?: string;
  readonly to?: string;
  readonly to_output?: string;
  readonly process_policy?: "" | "skip" | "force";
  readonly rate?: number;
  readonly dry_run?: boolean;
}

const REFERENCE = { type: "string", maxLength: 200 };

export const RESEND_SCHEMA = {
  type: "object",
  required: ["bucket"],
  properties: {
    bucket: { type: "string", minLength: 1, maxLength: 200, hint: '"github"' },
    status: {
      type: "array",
      minItems: 1,
      maxItems: 5,
      items: { enum: ["stalled", "failed", "rejected", "sent", "received"] },
      hint: '["stalled", "failed"]',
    },
    output: REFERENCE,
    input: REFERENCE,
    from: { type: "string", maxLength: 40 },
    to: { type: "string", maxLength: 40 },
    to_output: REFERENCE,
    process_policy: { enum: ["", "skip", "force"] },
    rate: { type: "integer", minimum: 1, maximum: 10000, hint: "100" },
    dry_run: { type: "boolean" },
  },
};

/** Body of POST and PUT /v1/tokens. Read-only and unknown fields are ignored. */
export interface TokenBody {
  readonly description?: string;
  readonly api_access?: "enabled" | "disabled";
  readonly active?: boolean;
  readonly scopes?: { readonly buckets?: readonly string[]; readonly tunnels?: readonly string[] };
}

const NAMES = {
  type: "array",
  maxItems: 200,
  items: { type: "string", minLength: 1, maxLength: 200, check: "text" },
  hint: '["github"]',
};

export const TOKEN_SCHEMA = {
  type: "object",
  properties: {
    description: { type: "string", maxLength: 2000, check: "text" },
    api_access: { enum: ["enabled", "disabled"] },
    active: { type: "boolean" },
    scopes: { type: "object", properties: { buckets: NAMES, tunnels: NAMES } },
  },
};

/** Body of PUT /v1/account/api-key. */
export interface AccountKeyBody {
  readonly enabled: boolean;
}

export const ACCOUNT_KEY_SCHEMA = {
  type: "object",
  required: ["enabled"],
  properties: { enabled: { type: "boolean", hint: "false" } },
};

import { apiBodySchema, TOKEN } from "@relay/provider-schema";

/** Body of POST /v1/tokens/{token}/rotate. */
export interface RotateBody {
  readonly grace_seconds?: number;
  readonly own_secret?: string;
  /** The new secret of the last rotation was lost: make another one in its place, and keep the one before. */
  readonly again?: boolean;
}

const { own_secret } = apiBodySchema(TOKEN).properties as { own_secret: object };

export const ROTATE_SCHEMA = {
  type: "object",
  properties: {
    grace_seconds: { type: "integer", minimum: 0, maximum: 2_592_000, hint: "3600" },
    own_secret,
    again: { type: "boolean" },
  },
};

import { onlyDefault } from "./unsupported.js";

/** Body of POST and PUT /v1/buckets. Read-only and unknown fields are ignored. */
export interface BucketBody {
  readonly name?: string;
  readonly description?: string;
  readonly stream?: boolean;
  readonly ephemeral?: boolean;
  readonly large_webhooks?: boolean;
  readonly auth?: BucketAuthBody;
}

export interface BucketAuthBody {
  readonly type?: "none" | "basic" | "token";
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
}

export const BUCKET_SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 200, check: "name", hint: '"github"' },
    description: { type: "string", maxLength: 2000, check: "text" },
    stream: { type: "boolean" },
    ephemeral: { type: "boolean" },
    large_webhooks: { type: "boolean" },
    static_ip: onlyDefault(false),
    auth: {
      type: "object",
      properties: {
        type: { enum: ["none", "basic", "token"] },
        username: { type: "string", maxLength: 200, check: "username" },
        password: { type: "string", check: "secret" },
        token: { type: "string", check: "secret" },
      },
    },
  },
};

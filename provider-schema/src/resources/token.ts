import type { Attributes, Resource } from "../model.js";
import { DESCRIPTION, ID, NAMES, nameAttribute } from "./common.js";

/** Rights of a token. */
export const TOKEN_RIGHTS: Attributes = {
  api_access: {
    kind: { type: "string", oneOf: ["enabled", "disabled"] },
    presence: { default: "disabled" },
    doc: "Whether the token may use the management API. Agents need no such right. (`POST /v1/tokens` without it means `enabled`, for existing clients.)",
  },
  scopes: {
    presence: { default: { buckets: [], tunnels: [] } },
    doc: "What the token may use.",
    kind: {
      type: "object",
      attributes: {
        buckets: {
          kind: NAMES,
          presence: { default: [] },
          check: "names",
          example: ["github"],
          doc: "Names or ids of buckets; none means every bucket.",
        },
        tunnels: {
          kind: NAMES,
          presence: { default: [] },
          check: "names",
          doc: "Names or ids of tunnels; none means every tunnel.",
        },
      },
    },
  },
};

export const TOKEN: Resource = {
  name: "token",
  plural: "tokens",
  doc: "A token is what agents and clients of the API log in with: a key, which is its id, and a secret.",
  importExample: "ci-agent",
  attributes: {
    id: { ...ID, doc: "The token's key." },
    name: { ...nameAttribute("token", "ci-agent"), doc: "Name of the token, unique on the server." },
    description: DESCRIPTION,
    active: {
      kind: { type: "boolean" },
      presence: { default: true },
      doc: "Whether the token opens anything.",
    },
    ...TOKEN_RIGHTS,
    expires_at: {
      kind: { type: "integer", minimum: 0 },
      presence: { default: 0 },
      unit: "Unix seconds",
      doc: "When the token ends; 0 is never.",
    },
    own_secret: {
      kind: { type: "string" },
      presence: "optional",
      secret: "given",
      check: "ownSecret",
      doc: "A secret of your own, 32 characters or more and at most 72 bytes, instead of one that the server makes. Kept as a bcrypt hash.",
    },
    secret: {
      kind: { type: "string" },
      presence: "computed",
      stable: true,
      secret: "shown-once",
      doc: "The secret that the server made. Told once; of an imported token, or one with a secret of your own, there is none.",
    },
    rotation_keepers: {
      kind: { type: "map", of: { type: "string" } },
      presence: { default: {} },
      only: "providers",
      pulumiName: "rotationTrigger",
      example: { month: "2026-11" },
      doc: "Any change in it gives the token a new secret.",
    },
    rotation_grace: {
      kind: { type: "integer", minimum: 0, maximum: 2_592_000 },
      presence: { default: 3600 },
      unit: "seconds",
      only: "providers",
      doc: "How long the secret before stays valid after a rotation; 0 ends it at once.",
    },
  },
};

import type { EphemeralResource } from "../model.js";
import { DESCRIPTION } from "../resources/common.js";
import { TOKEN_RIGHTS } from "../resources/token.js";

export const TOKEN_EPHEMERAL: EphemeralResource = {
  name: "token",
  doc: "A token that lives for one run: made when the run needs it, deleted at its end, and ended by the server should the run never come to it.",
  attributes: {
    description: DESCRIPTION,
    ...TOKEN_RIGHTS,
    ttl: {
      kind: { type: "integer", minimum: 60, maximum: 86_400 },
      presence: { default: 3600 },
      unit: "seconds",
      doc: "How long the server keeps it at most.",
    },
    id: { kind: { type: "string" }, presence: "computed", doc: "The token's key." },
    secret: { kind: { type: "string" }, presence: "computed", secret: "shown-once", doc: "The token's secret." },
  },
};

import type { ServerCapabilities } from "../protocol/generated/tfplugin6.js";

/** What this provider can do beyond the first protocol. A plan to destroy has nothing to say before it is carried out. */
export const SERVER_CAPABILITIES: ServerCapabilities = {
  planDestroy: false,
  getProviderSchemaOptional: true,
  moveResourceState: true,
};

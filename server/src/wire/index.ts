/**
 * The published contract of the agent link, the only part of the server that the agent may import: messages and their
 * codec (generated from `server/proto/relay.proto`), the names of both transports, limits and the header block codec.
 */

export { fieldOf } from "./field-of.js";
export * from "./generated/relay.js";
export * from "./header-block.js";
export * from "./limits.js";
export * from "./transports.js";

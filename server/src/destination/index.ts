/**
 * How a destination is called, the one code path of agents (internal outputs) and servers (public ones): where a webhook
 * goes, which of its fields go along, the connections, the call, and what its failure is called. It decides nothing about
 * whether and when to call; that is for who uses it.
 */
export * from "./describe-failure.js";
export * from "./destination-call.js";
export * from "./destination-connections.js";
export * from "./destination-url.js";
export * from "./end-to-end-headers.js";
export * from "./in-networks.js";
export * from "./network-lookup.js";
export * from "./refused-answer.js";

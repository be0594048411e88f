/** Version of the agent link that this code speaks; `server/proto/relay.proto` describes it. */
export const PROTOCOL_VERSION = 1;

/** Largest frame an agent accepts, in bytes: the largest webhook a bucket can allow, plus its envelope. */
export const MAX_FRAME_BYTES = 72 * 1024 * 1024;

/**
 * Largest frame a server accepts, in bytes. Anybody can connect and send half of one, so it is no larger than the largest
 * single ack: 64 KiB of a destination's headers, `MAX_REPORTED_RESPONSE_BYTES` of its body, and their envelope.
 */
export const MAX_AGENT_FRAME_BYTES = 128 * 1024;

/** Acks are gathered in one frame up to this many bytes; a larger one travels alone. */
export const ACKS_TARGET_BYTES = 64 * 1024;

/** Largest Hello a server accepts, in bytes: room for some four hundred names of buckets and outputs. */
export const MAX_HELLO_BYTES = 16 * 1024;

/** Deliveries are gathered in one frame up to this many bytes; a larger webhook travels alone. */
export const FRAME_TARGET_BYTES = 256 * 1024;

/** Deliveries are gathered in one frame up to this many. */
export const FRAME_TARGET_DELIVERIES = 64;

/** Largest answer that a sender who waits for it gets, in bytes; a longer one counts as none. */
export const MAX_WANTED_RESPONSE_BYTES = 1024 * 1024;

/** The body of a wanted answer travels in parts of this many bytes. */
export const ANSWER_PART_BYTES = 48 * 1024;

/** How much of a destination's answer an agent reports, in bytes. */
export const MAX_REPORTED_RESPONSE_BYTES = 16 * 1024;

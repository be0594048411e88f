import type { RelayApi } from "../client/relay-api.js";

/** The API with the time limit of a request of the engine, in seconds; 0 is none. */
export function timed(api: RelayApi, seconds: number): RelayApi {
  return seconds > 0 ? api.within(seconds * 1000) : api;
}

import { WebhookRequest } from "../../src/wire/index.js";
import type { LinkClient } from "./link-client.js";

/** What an agent gets, one webhook after the other: each call waits for the next. */
export function webhooksOf(agent: LinkClient): () => Promise<WebhookRequest> {
  let taken = 0;
  return async () => {
    taken += 1;
    const delivery = (await agent.received(taken))[taken - 1];
    if (delivery === undefined) throw new Error("nothing arrived");
    return WebhookRequest.decode(delivery.request);
  };
}

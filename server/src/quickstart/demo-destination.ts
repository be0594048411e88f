import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { idTime, isUuid } from "../ids.js";
import { MAX_SHOWN_BYTES, type ReceivedWebhook } from "./describe-webhook.js";

export interface DemoDestination {
  /** http://127.0.0.1:<port> */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The service that webhooks go to when there is none: answers 200 and hands each webhook over to be shown. Bodies are
 * counted, and kept only as far as they are shown.
 */
export async function startDemoDestination(show: (webhook: ReceivedWebhook) => void): Promise<DemoDestination> {
  const server = createServer((request, response) => {
    const arrivedAt = Date.now();
    const head: Buffer[] = [];
    let kept = 0;
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (kept >= MAX_SHOWN_BYTES) return;
      head.push(chunk.subarray(0, MAX_SHOWN_BYTES - kept));
      kept += Math.min(chunk.length, MAX_SHOWN_BYTES - kept);
    });
    request.on("end", () => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.end("ok\n");
      // The delivery id is a UUID of version 7, made when the server took the webhook.
      const id = request.headers["x-relay-delivery-id"];
      const receivedAt = typeof id === "string" && isUuid(id) ? idTime(id) : undefined;
      show({
        method: request.method ?? "",
        target: request.url ?? "",
        rawHeaders: request.rawHeaders,
        head: Buffer.concat(head),
        bytes,
        latencyMs: receivedAt === undefined ? undefined : Math.max(0, arrivedAt - receivedAt),
      });
    });
    request.on("error", () => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import { STAMP_HEADER, STAMP_LENGTH } from "./stamp.js";

/** A whole HTTP/1.1 request as bytes; the stamp is written over the place at `stampAt`. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  readonly stampAt: number;
}

/** Builds a POST of `body` with the headers that a webhook provider sends. */
export function requestTemplate({ host, path, body }: { host: string; path: string; body: Buffer }): RequestTemplate {
  const before =
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nAccept: */*\r\n` +
    `Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\n` +
    `X-Hub-Signature-256: sha256=${"5f".repeat(32)}\r\n${STAMP_HEADER}: `;
  const after = `\r\nContent-Length: ${body.length}\r\n\r\n`;
  return {
    bytes: Buffer.concat([Buffer.from(before + "0".repeat(STAMP_LENGTH) + after, "latin1"), body]),
    stampAt: Buffer.byteLength(before, "latin1"),
  };
}

import { isIP } from "node:net";

/** Where Cloud KMS is. Without TLS only on this machine. */
export interface KmsEndpoint {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Reads `host`, `host:port`, or `http://` and either for a loopback address; undefined when it is none of them. */
export function parseKmsEndpoint(text: string): KmsEndpoint | undefined {
  const match = /^(http:\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(text);
  const [, plain, host = "", port] = match ?? [];
  if (match === null || Number(port ?? 443) > 65_535 || Number(port ?? 443) === 0) return undefined;
  if (host.startsWith("[") && isIP(host.slice(1, -1)) !== 6) return undefined;
  if (plain !== undefined && !LOOPBACK.test(host)) return undefined;
  return { host, port: Number(port ?? (plain === undefined ? 443 : 80)), tls: plain === undefined };
}

/** A proxy that calls to public destinations go through, by HTTP CONNECT (RFC 9110 section 9.3.6). */
export interface OutboundProxy {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** Value of Proxy-Authorization, or null. */
  readonly authorization: string | null;
}

/** Reads `http://user:password@proxy.example:3128`; undefined when it is no such URL. */
export function parseOutboundProxy(text: string): OutboundProxy | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") return undefined;
  const tls = url.protocol === "https:";
  try {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    return {
      tls,
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? (tls ? 443 : 80) : Number(url.port),
      authorization: credentials === ":" ? null : `Basic ${Buffer.from(credentials, "utf8").toString("base64")}`,
    };
  } catch {
    // A percent sign that begins no escape.
    return undefined;
  }
}

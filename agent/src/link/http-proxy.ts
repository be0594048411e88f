import { BlockList, isIP } from "node:net";
import { isLoopback } from "./loopback.js";

/** What HTTPS_PROXY and NO_PROXY say, read once at the start. */
export interface ProxySettings {
  readonly httpsProxy: string | null;
  readonly noProxy: string;
}

/** The HTTP proxy that a connection to the server takes, by CONNECT (RFC 9110, 9.3.6). */
export interface HttpProxy {
  readonly host: string;
  readonly port: number;
  /** True: the connection to the proxy itself is TLS. */
  readonly secure: boolean;
  /** `name:password`, or null. Never shown. */
  readonly credentials: string | null;
}

/** Both cases count, lower case first, as with curl. */
export function readProxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || "";
  return { httpsProxy: read("HTTPS_PROXY") || null, noProxy: read("NO_PROXY") };
}

/**
 * The proxy for a TLS connection to this host and port, or null for none: loopback and what NO_PROXY names are reached
 * directly. Throws when HTTPS_PROXY is needed and cannot be used. Destinations never ask: they are on this side of the proxy.
 */
export function proxyFor(settings: ProxySettings, host: string, port: number): HttpProxy | null {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (settings.httpsProxy === null || isLoopback(bare)) return null;
  if (settings.noProxy.split(/[,\s]+/).some((entry) => entry !== "" && names(entry, bare, port))) return null;
  return parseProxy(settings.httpsProxy);
}

/** The proxy for people: without credentials. */
export function proxyAddress({ host, port }: HttpProxy): string {
  return `${host}:${port}`;
}

function parseProxy(text: string): HttpProxy {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") {
    // Without quoting it: it may hold a password.
    throw new Error(
      "HTTPS_PROXY is not the http:// or https:// URL of a proxy, such as http://proxy.example.com:3128. Correct it, or name the server's host in NO_PROXY.",
    );
  }
  const secure = url.protocol === "https:";
  const credentials = url.username === "" ? null : `${decoded(url.username)}:${decoded(url.password)}`;
  return { host: url.hostname, port: Number(url.port) || (secure ? 443 : 80), secure, credentials };
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** NO_PROXY entries: `*`, `example.com` and everything below it, `.example.com` alike, `10.0.0.0/8`, each with `:port` or not. */
function names(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  if (/\/\d+$/.test(entry)) return inNetwork(entry, host);
  const [, bracketed, plain, entryPort] = /^(?:\[([^\]]+)\]|(.*?))(?::(\d+))?$/.exec(
    isIP(entry) === 6 ? `[${entry}]` : entry,
  ) ?? [entry, "", "", ""];
  if (entryPort !== undefined && entryPort !== "" && Number(entryPort) !== port) return false;
  const name = (bracketed ?? plain ?? "").toLowerCase().replace(/^\*?\./, "");
  return name !== "" && (host === name || host.endsWith(`.${name}`));
}

function inNetwork(entry: string, host: string): boolean {
  const [network = "", bits = ""] = entry.split("/");
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}

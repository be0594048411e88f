import { isIP } from "node:net";

/** True when a host name or address literal can only mean this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const family = isIP(name);
  if (family === 4) return name.startsWith("127.");
  return family === 6 && (name === "::1" || /^::ffff:(127\.|7f)/.test(name));
}

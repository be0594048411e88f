/** Variable by which a host shows that it is one, and the value that Terraform and OpenTofu give it. */
const COOKIE = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/** Of go-plugin itself. */
const CORE_VERSION = 1;
export const PROTOCOL_VERSION = 6;

/** Why this process cannot serve; undefined when a host started it that speaks our protocol. */
export function handshakeProblem(env: NodeJS.ProcessEnv): string | undefined {
  if (env[COOKIE] !== COOKIE_VALUE) {
    return "This program is a plugin of Terraform and OpenTofu. They start it; it does nothing by itself.";
  }
  const spoken = (env.PLUGIN_PROTOCOL_VERSIONS ?? "").split(",").map(Number);
  return spoken.includes(PROTOCOL_VERSION)
    ? undefined
    : "terraform-provider-relay needs Terraform 1.0 or later (plugin protocol 6).";
}

/** The first line on stdout: where the plugin listens, and the certificate that it will show. */
export function handshakeLine(
  address: { network: "unix" | "tcp"; address: string },
  certificate: Buffer | undefined,
): string {
  // The host takes no padding.
  const shown = certificate?.toString("base64").replace(/=+$/, "") ?? "";
  return `${CORE_VERSION}|${PROTOCOL_VERSION}|${address.network}|${address.address}|grpc|${shown}\n`;
}

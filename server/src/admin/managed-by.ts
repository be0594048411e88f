import type { FastifyRequest } from "fastify";
import { RelayError } from "../errors.js";

const HEADER = "relay-managed-by";
const FORM = /^[a-z0-9][a-z0-9/-]{0,79}$/;

/** Who the client says it is, such as `terraform`; undefined when it does not say. Throws 400 for anything malformed. */
export function managedByOf(request: FastifyRequest): string | undefined {
  const value = request.headers[HEADER];
  if (value === undefined) return undefined;
  if (typeof value === "string" && FORM.test(value)) return value;
  throw new RelayError(
    "invalid",
    "Relay-Managed-By: must have 1 to 80 lower-case letters, digits, slashes and hyphens, for example terraform.",
  );
}

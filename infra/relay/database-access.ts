import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { DATABASE_PORT } from "./pod.js";

/** Role of the database that owns the schema, and that servers and migrations act as: neither owns anything by itself. */
export const OWNER_ROLE = "relay_owner";

/** Settings by which a program of the image finds the database, through the proxy and without a password. */
export function databaseAccess(
  user: pulumi.Input<string>,
  database: pulumi.Input<string>,
): k8s.types.input.core.v1.EnvVar[] {
  return [
    { name: "POSTGRES_HOST", value: `127.0.0.1:${DATABASE_PORT}` },
    { name: "POSTGRES_USER", value: user },
    { name: "POSTGRES_DB", value: database },
    { name: "DATABASE_ROLE", value: OWNER_ROLE },
  ];
}

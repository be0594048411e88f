import type { InputArgs, OutputArgs } from "@relay/pulumi";

export type Environment = "dev" | "staging" | "prod";

/** A service that gets webhooks. */
export interface Service {
  readonly description: string;
  readonly input: Pick<InputArgs, "statusCode" | "headers" | "body"> & { readonly name: string };
  readonly output: Pick<OutputArgs, "agents"> & { readonly name: string; readonly path: string };
  readonly largeWebhooks?: boolean;
  /** Whether senders must show the bearer token of the alerts. */
  readonly guarded?: boolean;
  /** Where it runs; everywhere when absent. */
  readonly only?: readonly Environment[];
}

const SERVICES = {
  github: {
    description: "Pushes and pull requests",
    input: { name: "push", statusCode: 202 },
    output: { name: "ci", path: "/hooks/github" },
  },
  stripe: {
    description: "Payments",
    input: { name: "events" },
    output: { name: "billing", path: "/stripe" },
    largeWebhooks: true,
  },
  alerts: {
    description: "Alerts of the monitoring system",
    input: { name: "fired", statusCode: 202, headers: { "Content-Type": ["text/plain"] }, body: "noted" },
    output: { name: "pager", path: "/alerts", agents: "each" },
    guarded: true,
    // Nobody is on call for development.
    only: ["staging", "prod"],
  },
} as const satisfies Readonly<Record<string, Service>>;

/** Services of an environment by name, in alphabetical order. */
export function servicesOf(environment: Environment): [name: string, service: Service][] {
  return Object.entries<Service>(SERVICES)
    .filter(([, { only }]) => only?.includes(environment) ?? true)
    .sort(([a], [b]) => a.localeCompare(b));
}

export function isEnvironment(name: string): name is Environment {
  return name === "dev" || name === "staging" || name === "prod";
}

import * as pulumi from "@pulumi/pulumi";
// The monitor that mocks stand behind is not part of the SDK's public face; it alone sees what a resource depends on.
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import type { RelayConfig } from "../../config/read-config.js";
import { relayStack } from "../../stack.js";
import { googleCalls, googleOutputs } from "./google-outputs.js";

/** A resource as the program registers it. */
export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider?: string;
  readonly parent?: string;
  /** URNs of all that it waits for. */
  readonly dependsOn: readonly string[];
  /** URNs of what each input comes from. */
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

export interface Inventory {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Stands in inputs for what a preview does not know yet. */
export const UNKNOWN = "<unknown>";

/** A day that the program takes for today. */
const TODAY = new Date("2026-01-01T00:00:00Z");

export interface InventoryOptions {
  /** As in a first preview: nothing that a provider would answer is known. Default: everything has been made. */
  readonly preview?: boolean;
}

/** Runs the program without an engine and a cloud, and gives everything that it registers, components left out. */
export async function inventoryOf(config: RelayConfig, { preview = false }: InventoryOptions = {}): Promise<Inventory> {
  const seen: Resource[] = [];
  pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom !== true) return { id: "", state: inputs };
        if (preview) return { id: "", state: inputs };
        return googleOutputs({ type, name, inputs });
      },
      call: ({ token, inputs }) =>
        preview && token !== "gcp:organizations/getProject:getProject" ? {} : googleCalls(token, inputs),
    },
    "relay",
    "test",
    preview,
  );
  watch(seen);
  const outputs = relayStack({ config, stack: "test", now: TODAY });
  await pulumi.runtime.disconnect();
  return { resources: seen, outputs };
}

interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getProvider(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getPropertydependenciesMap(): {
    entries(): Iterable<[string, { getUrnsList(): string[] }]>;
    forEach(each: (value: { getUrnsList(): string[] }, key: string) => void): void;
  };
  getObject(): { toJavaScript(): Record<string, unknown> };
}
type Answer = (error: unknown, response: { getUrn(): string } | undefined) => void;

/** Notes every registration on its way to the mocks. */
function watch(seen: Resource[]): void {
  const monitor = getMonitor() as unknown as { registerResource(request: RegisterRequest, answer: Answer): void };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, answer) =>
    register(request, (error, response) => {
      if (response !== undefined && request.getCustom()) seen.push(describe(request, response.getUrn()));
      answer(error, response);
    });
}

function describe(request: RegisterRequest, urn: string): Resource {
  const propertyDependencies: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((value, key) => {
    propertyDependencies[key] = value.getUrnsList();
  });
  return {
    type: request.getType(),
    name: request.getName(),
    urn,
    inputs: plain(request.getObject().toJavaScript()) as Record<string, unknown>,
    provider: request.getProvider(),
    parent: request.getParent(),
    dependsOn: request.getDependenciesList(),
    propertyDependencies,
    protect: request.getProtect(),
    retainOnDelete: request.getRetainondelete(),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** How the engine's protocol writes a value that is not known yet. */
export const UNKNOWN_ON_THE_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Values as the program wrote them: secrets opened, outputs unwrapped, the unknown named. */
function plain(value: unknown): unknown {
  if (value === UNKNOWN_ON_THE_WIRE) return UNKNOWN;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (SIGNATURE in value) return plain((value as { value?: unknown }).value ?? UNKNOWN);
  return Object.fromEntries(entries.map(([key, each]) => [key, plain(each)]));
}

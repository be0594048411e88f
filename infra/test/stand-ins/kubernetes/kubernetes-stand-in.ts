import { hasUnknown, isValues, type Values } from "../../../../provider-schema/src/engine/value.js";
import type { Properties } from "../../../../provider-schema/src/pulumi/wire/properties.js";
import { KubernetesApi, type KubernetesObject, type ObjectName } from "../../support/kubernetes-api.js";
import { KubernetesError } from "../../support/kubernetes-error.js";
import { covers } from "../protocol/covers.js";
import { differences } from "../protocol/differences.js";
import { InitFailed } from "../protocol/init-failed.js";
import type { Asked, Change, Checked, Made, Plan, StandIn } from "../protocol/stand-in.js";
import { accessOfKubeconfig } from "./access-of-kubeconfig.js";
import { immutableFields } from "./immutable-fields.js";
import { liveInputs } from "./live-inputs.js";
import { readinessOf } from "./readiness.js";

const FIELD_MANAGER = "pulumi-kubernetes";
const AUTONAMED = "pulumi.com/autonamed";
const DEFAULT_TIMEOUT_SECONDS = 600;
const LOOK_EVERY_MS = 100;
/** The real plugin waits out the Deployment's deadline, of ten minutes mostly. */
const REFUSED_MS = 10_000;

/**
 * Plays Pulumi's plugin for Kubernetes against a real API server: it applies on the server's side, strictly about fields,
 * waits until Deployments are available and Jobs complete, and until what was deleted is gone. Previews of what is known are
 * dry runs on the server. As with the real one, an object that is there already is not taken over, and fields that somebody
 * else owns are a conflict, unless the program says otherwise.
 */
export class KubernetesStandIn implements StandIn {
  readonly version = "4.34.2";
  #config: Values = {};
  #api: Promise<KubernetesApi> | undefined;

  async configure({ values }: Properties): Promise<void> {
    this.#config = values;
    this.#api = undefined;
  }

  async check(
    { name, type }: Asked,
    { values, secrets }: Properties,
    more: { olds: Properties; seed: Uint8Array },
  ): Promise<Checked> {
    const metadata = isValues(values.metadata) ? values.metadata : {};
    const problems = ["apiVersion", "kind"]
      .filter((field) => typeof values[field] !== "string")
      .map((field) => ({ path: [field], reason: `${type} needs it` }));
    const namespace = this.#config.namespace;
    const placed = typeof namespace === "string" && metadata.namespace === undefined ? { namespace } : {};
    const named = metadata.name === undefined && metadata.generateName === undefined ? autoName(name, more) : {};
    const annotations =
      named.annotations === undefined ? {} : { annotations: { ...record(metadata.annotations), ...named.annotations } };
    return {
      inputs: { values: { ...values, metadata: { ...metadata, ...placed, ...named, ...annotations } }, secrets },
      problems,
    };
  }

  async diff({ oldInputs }: Made, { values }: Properties): Promise<Plan> {
    const all = differences(oldInputs.values, values);
    const fields = immutableFields(String(values.apiVersion), String(values.kind));
    const changesGroup = group(oldInputs.values) !== group(values);
    const replaces = all
      .map(({ path }) => path)
      .filter((path) => fields.some((field) => covers(field, path)) || (changesGroup && covers("apiVersion", path)));
    const [old, now] = [oldInputs.values, values].map((each) => record(each.metadata));
    const sameName = old?.name === now?.name && old?.namespace === now?.namespace;
    return { differences: all, replaces, deleteBeforeReplace: replaces.length > 0 && sameName };
  }

  async create({ type }: Asked, inputs: Properties, change: Change) {
    if (change.preview) return { id: "", state: await this.#preview(inputs) };
    const api = await this.#connected();
    const object = objectOf(inputs);
    if (!isPatch(type) && this.#config.upsertExistingObjects !== "true" && (await api.get(object)) !== undefined) {
      throw new Error(`${object.kind} ${object.metadata.name}: resource already exists in the cluster`);
    }
    return this.#bring(object, inputs, change);
  }

  async read({ id, type, oldInputs, state }: Made) {
    const api = await this.#connected();
    const live = await api.get(nameOf(id, oldInputs.values.kind === undefined ? state : oldInputs, type));
    if (live === undefined) return undefined;
    const imported = Object.keys(oldInputs.values).length === 0;
    const values = imported ? importedInputs(live) : liveInputs(oldInputs.values, live as unknown as Values);
    const inputs = { values, secrets: oldInputs.secrets };
    return { id: idOf(live), state: stateOf(live, inputs), inputs };
  }

  async update(_made: Made, inputs: Properties, change: Change): Promise<Properties> {
    if (change.preview) return this.#preview(inputs);
    const { state } = await this.#bring(objectOf(inputs), inputs, change);
    return state;
  }

  async delete({ type, id, oldInputs, state }: Made, change: Change): Promise<void> {
    const api = await this.#connected();
    const object = nameOf(id, oldInputs.values.kind === undefined ? state : oldInputs, type);
    if (isPatch(type)) {
      // Fields that are no longer given are given up.
      await api.apply({ ...object, metadata: { ...object.metadata } } as KubernetesObject, {
        fieldManager: FIELD_MANAGER,
      });
      return;
    }
    await api.delete(object);
    await this.#until(change, async () => {
      return (await api.get(object)) === undefined ? undefined : `${object.kind} ${id} is still there`;
    });
  }

  async invoke(token: string): Promise<Properties> {
    throw new Error(`this stand-in does not know the function ${token}`);
  }

  /** Applies an object and waits until it is what it is to be. */
  async #bring(object: KubernetesObject, inputs: Properties, change: Change) {
    const api = await this.#connected();
    const applied = await api.apply(object, { fieldManager: FIELD_MANAGER, force: this.#force(object) });
    const id = idOf(applied);
    let live: KubernetesObject = applied;
    let refusedSince: number | undefined;
    try {
      await this.#until(change, async () => {
        live = (await api.get(object)) ?? live;
        const readiness = readinessOf(live);
        refusedSince = readiness.kind === "refused" ? (refusedSince ?? performance.now()) : undefined;
        const refused = refusedSince !== undefined && performance.now() - refusedSince > REFUSED_MS;
        if (readiness.kind === "failed" || (readiness.kind === "refused" && refused)) throw new Error(readiness.why);
        return readiness.kind === "ready" ? undefined : readiness.why;
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InitFailed(`${object.kind} ${id}: ${why}`, { id, state: stateOf(live, inputs) });
    }
    return { id, state: stateOf(live, inputs) };
  }

  /** What the server would make of it; what is not known yet, and what the server cannot judge yet, stays as it is. */
  async #preview(inputs: Properties): Promise<Properties> {
    if (hasUnknown(inputs.values)) return inputs;
    const api = await this.#connected();
    const object = objectOf(inputs);
    try {
      const options = { fieldManager: FIELD_MANAGER, force: this.#force(object), dryRun: true };
      return stateOf(await api.apply(object, options), inputs);
    } catch (error) {
      // Its namespace or kind comes with the same program.
      if (error instanceof KubernetesError && error.status === 404) return inputs;
      throw error;
    }
  }

  #force({ metadata }: KubernetesObject): boolean {
    const said = metadata.annotations?.["pulumi.com/patchForce"] ?? this.#config.enablePatchForce;
    return said === "true";
  }

  #connected(): Promise<KubernetesApi> {
    this.#api ??= accessOfKubeconfig(String(this.#config.kubeconfig ?? "")).then((access) => new KubernetesApi(access));
    return this.#api;
  }

  /** Looks until `missing` says that nothing is. */
  async #until({ timeoutSeconds, signal }: Change, missing: () => Promise<string | undefined>): Promise<void> {
    const seconds = timeoutSeconds > 0 ? timeoutSeconds : DEFAULT_TIMEOUT_SECONDS;
    const deadline = performance.now() + seconds * 1_000;
    for (;;) {
      const why = await missing();
      if (why === undefined) return;
      if (signal.aborted) throw new Error(`cancelled while ${why}`);
      if (performance.now() > deadline) throw new Error(`timed out after ${seconds} s: ${why}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

function record(value: unknown): Values {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : {};
}

/** A name as Pulumi's provider makes them up, or the one that was made up before. */
function autoName(
  name: string,
  { olds, seed }: { olds: Properties; seed: Uint8Array },
): { name?: string; annotations?: Values } {
  const annotations = { [AUTONAMED]: "true" };
  const old = record(olds.values.metadata);
  if (record(old.annotations)[AUTONAMED] === "true" && typeof old.name === "string")
    return { name: old.name, annotations };
  return { name: `${name.toLowerCase()}-${Buffer.from(seed).toString("hex").slice(0, 8)}`, annotations };
}

function group({ apiVersion }: Values): string {
  return String(apiVersion).includes("/") ? (String(apiVersion).split("/")[0] ?? "") : "";
}

/** `kubernetes:apps/v1:DeploymentPatch`: it owns some fields of an object that is there. */
function isPatch(type: string): boolean {
  return type.endsWith("Patch");
}

function objectOf({ values }: Properties): KubernetesObject {
  return values as unknown as KubernetesObject;
}

function idOf({ metadata }: KubernetesObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

function nameOf(id: string, { values }: Properties, type: string): ObjectName {
  const [name = "", namespace] = id.split("/").toReversed();
  const [, apiVersion, kind] = type.split(":");
  return {
    apiVersion: typeof values.apiVersion === "string" ? values.apiVersion : String(apiVersion).replace("core/", ""),
    kind: typeof values.kind === "string" ? values.kind : String(kind),
    metadata: namespace === undefined ? { name } : { name, namespace },
  };
}

/** Without what only the server's bookkeeping needs. */
function stateOf(live: KubernetesObject, { secrets }: Properties): Properties {
  const { managedFields: _, ...metadata } = live.metadata;
  const values = { ...live, metadata } as unknown as Values;
  if (live.kind !== "Secret") return { values, secrets };
  return { values, secrets: [...secrets, ["data"], ["stringData"]] };
}

function importedInputs(live: KubernetesObject): Values {
  const { status: _, metadata, ...rest } = live as unknown as Values;
  const { name, namespace, labels, annotations } = record(metadata);
  const kept = Object.entries({ name, namespace, labels, annotations }).filter(([, value]) => value !== undefined);
  return { ...rest, metadata: Object.fromEntries(kept) as Values };
}

import { UNKNOWN, type Value, type Values } from "../../../../provider-schema/src/engine/value.js";
import type { Properties } from "../../../../provider-schema/src/pulumi/wire/properties.js";
import { covers } from "../protocol/covers.js";
import { differences } from "../protocol/differences.js";
import { InitFailed } from "../protocol/init-failed.js";
import type { Asked, Change, Checked, Made, Plan, StandIn } from "../protocol/stand-in.js";
import { checkValues } from "../typings/check-values.js";
import { PackageTypings, type Typing } from "../typings/package-typings.js";
import type { CloudFault, CloudFolder, CloudResource, CloudValues } from "./cloud-folder.js";
import { type Computed, digitsOf } from "./computed-values.js";
import { functionAnswer } from "./functions.js";
import { isState, protectionOf, staysBehind } from "./protection.js";
import { refusal } from "./refusals.js";
import { replacingFields } from "./replacing-fields.js";
import { idTemplate } from "./resource-ids.js";
import { isWriteOnly, stateOf } from "./state-of.js";

/**
 * Plays Pulumi's plugin for Google Cloud, and the cloud behind it, which is a folder. Inputs are checked against the
 * package's typings; what Google chooses is chosen the same way each time, and unknown in a preview; what Google refuses for
 * want of something else is refused; protected resources are not deleted. The folder's settings slow it down, and make
 * chosen changes fail.
 */
export class GcpStandIn implements StandIn {
  readonly #cloud: CloudFolder;
  readonly #typings = new PackageTypings("gcp");
  readonly #changes = new Map<string, number>();
  #config: Values = {};

  constructor(cloud: CloudFolder) {
    this.#cloud = cloud;
  }

  get version(): string {
    return this.#typings.version;
  }

  async configure({ values }: Properties): Promise<void> {
    this.#config = values;
  }

  async check(
    { type, name }: Asked,
    { values, secrets }: Properties,
    { olds, seed }: { readonly olds: Properties; readonly seed: Uint8Array },
  ): Promise<Checked> {
    const { inputs } = await this.#typing(type);
    const nested = await this.#typings.nested();
    // Lower case: as names of Google's resources are.
    const autoName = (): Value =>
      olds.values.name ?? `${name.toLowerCase()}-${Buffer.from(seed).toString("hex").slice(0, 7)}`;
    const isNamed = inputs.name?.optional !== true || (values.name ?? null) !== null;
    const named: Values = isNamed ? {} : { name: autoName() };
    const all: Values = { ...values, ...named };
    return { inputs: { values: all, secrets }, problems: checkValues(all, inputs, nested.input) };
  }

  async diff({ type, oldInputs }: Made, { values }: Properties): Promise<Plan> {
    const all = differences(oldInputs.values, values).filter(({ path }) => !isWriteOnly(String(path.at(-1))));
    const fields = replacingFields(type);
    const replaces = all.map(({ path }) => path).filter((path) => fields.some((field) => covers(field, path)));
    const sameName = values.name !== undefined && values.name === oldInputs.values.name;
    return { differences: all, replaces, deleteBeforeReplace: replaces.length > 0 && sameName };
  }

  async create({ type, urn }: Asked, inputs: Properties, change: Change) {
    if (change.preview) return { id: "", state: await this.#state(type, inputs, {}) };
    const fault = await this.#begin(type, "create");
    const given = plain(inputs.values);
    const id = this.#newId(type, urn, inputs.values);
    const refused = refusal(this.#cloud, { type, inputs: given });
    if (refused !== undefined) throw new Error(refused);
    if (!isState(type) && this.#cloud.find(type, id) !== undefined)
      throw new Error(`Error 409: the resource '${id}' already exists`);
    const state = await this.#state(type, inputs, { id });
    this.#cloud.put({ type, id, inputs: given, state: plain(state.values) });
    if (fault?.kind === "half-done") throw new InitFailed(fault.message, { id, state });
    return { id, state };
  }

  async read({ type, id, oldInputs, state }: Made) {
    const found = this.#cloud.find(type, id);
    if (found === undefined) return undefined;
    // What was never read is what was last sent.
    const imported = Object.keys(oldInputs.values).length === 0;
    const read = imported ? found.inputs : onlyWritten(oldInputs.values, found);
    const secrets = [...oldInputs.secrets, ...state.secrets];
    return { id, state: { values: found.state, secrets }, inputs: { values: read, secrets: oldInputs.secrets } };
  }

  async update({ type, id, state: before }: Made, inputs: Properties, change: Change): Promise<Properties> {
    if (change.preview) return this.#state(type, inputs, { id, before: before.values });
    const fault = await this.#begin(type, "update");
    const found = this.#cloud.find(type, id);
    if (found === undefined) throw new Error(`Error 404: the resource '${id}' was not found`);
    const given = plain(inputs.values);
    const refused = refusal(this.#cloud, { type, inputs: given });
    if (refused !== undefined) throw new Error(refused);
    const state = await this.#state(type, inputs, { id, before: before.values });
    this.#cloud.put({ type, id, inputs: given, state: plain(state.values) });
    if (fault?.kind === "half-done") throw new InitFailed(fault.message, { id, state });
    return state;
  }

  async delete({ type, id, state }: Made): Promise<void> {
    await this.#begin(type, "delete");
    const read = plain(state.values);
    const protection = protectionOf(type, read);
    if (protection !== undefined) throw new Error(protection);
    if (!staysBehind(type, read)) this.#cloud.remove({ type, id });
  }

  async invoke(token: string, args: Properties): Promise<Properties> {
    const typing = await this.#typing(token);
    const nested = await this.#typings.nested();
    const [problem] = checkValues(args.values, typing.inputs, nested.input);
    if (problem !== undefined) throw new Error(`${token}: ${problem.path.join(".")}: ${problem.reason}`);
    const answer = functionAnswer(token);
    if (answer === undefined) throw new Error(`this stand-in does not know the function ${token}`);
    const known = answer(plain(args.values), this.#cloud);
    const resource = this.#computed(token, known);
    const values = stateOf({ ...args.values, ...known }, { type: token, typing, nested, resource });
    return { values, secrets: args.secrets };
  }

  async #typing(token: string): Promise<Typing> {
    const typing = await this.#typings.typing(token);
    if (typing === undefined) throw new Error(`@pulumi/gcp ${this.version} has no ${token}`);
    return typing;
  }

  async #state(
    type: string,
    inputs: Properties,
    { id, before = {} }: { readonly id?: string; readonly before?: Values },
  ): Promise<Properties> {
    const typing = await this.#typing(type);
    const given = { ...this.#defaults(typing), ...inputs.values };
    const resource = id === undefined ? undefined : this.#computed(id, given);
    const values = stateOf(given, { type, typing, nested: await this.#typings.nested(), resource, before });
    return { values, secrets: inputs.secrets.filter(([name]) => !isWriteOnly(String(name))) };
  }

  /** Project, region and zone come from the provider when a resource says nothing of them. */
  #defaults({ inputs }: Typing): Values {
    const { project } = this.#cloud.settings;
    const all: [string, Value | undefined][] = [
      ["project", this.#config.project ?? project.id],
      ["region", this.#config.region],
      ["zone", this.#config.zone],
    ];
    const known = all.filter((each): each is [string, Value] => each[0] in inputs && each[1] !== undefined);
    return Object.fromEntries(known);
  }

  #computed(id: string, values: Values): Computed {
    return {
      id,
      settings: this.#cloud.settings,
      text: (name) => (typeof values[name] === "string" ? values[name] : ""),
    };
  }

  /** An id in Google's form, of which numbers are the first that are free. */
  #newId(type: string, urn: string, inputs: Values): string {
    const { project } = this.#cloud.settings;
    const template = idTemplate(type, Object.keys(inputs));
    const version = type.endsWith(":SecretVersion");
    for (let n = 1; ; n += 1) {
      let numbered = false;
      const id = template.replace(/\{([^}]+)\}/g, (_, named: string) => {
        const [name = "", otherwise] = named.split("|");
        const value = inputs[name] ?? this.#config[name];
        if (typeof value === "string" && value !== "") return value;
        if (name === "project") return project.id;
        if (name === "projectNumber") return project.number;
        if (name !== "#" && otherwise !== "#") return otherwise ?? "";
        numbered = true;
        return version ? String(n) : digitsOf(`${urn} ${n}`, 19);
      });
      if (!numbered || this.#cloud.find(type, id) === undefined) return id;
    }
  }

  /** Takes the time that a change takes, and fails if it is to fail. */
  async #begin(type: string, operation: CloudFault["operation"]): Promise<CloudFault | undefined> {
    const key = `${operation} ${type}`;
    const nth = (this.#changes.get(key) ?? 0) + 1;
    this.#changes.set(key, nth);
    const { latencyMs } = this.#cloud.settings;
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const fault = this.#cloud.takeFault(type, operation, nth);
    if (fault?.kind === "refused") throw new Error(fault.message);
    return fault;
  }
}

/** Values that are all known, as JSON. */
function plain(values: Values): CloudValues {
  const text = JSON.stringify(values, (_, value: unknown) => {
    if (value === UNKNOWN) throw new Error("a value is unknown that must be known to change the cloud");
    return value;
  });
  return JSON.parse(text) as CloudValues;
}

/** The inputs that the program gives, with the values that the cloud has of them. */
function onlyWritten(inputs: Values, { inputs: found }: CloudResource): Values {
  const names = new Set([...Object.keys(inputs), ...Object.keys(found)]);
  const kept = [...names].filter((name) => name in found || isWriteOnly(name));
  return Object.fromEntries(
    kept.flatMap((name): [string, Value][] => {
      const value = isWriteOnly(name) ? inputs[name] : found[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

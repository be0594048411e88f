import { UNKNOWN, type Value, type Values } from "../../../../provider-schema/src/engine/value.js";
import type { Properties } from "../../../../provider-schema/src/pulumi/wire/properties.js";
import { differences } from "../protocol/differences.js";
import type { Asked, Change, Checked, Made, Plan, StandIn } from "../protocol/stand-in.js";
import { checkValues } from "../typings/check-values.js";
import { PackageTypings } from "../typings/package-typings.js";

/** A resource that was made from its inputs alone. */
export interface LocalResource {
  readonly id: string;
  /** Beside the inputs. */
  readonly values: Values;
  /** Names of those that are secret. */
  readonly secrets: readonly string[];
}

/** Makes a resource of a type. */
export type Maker = (inputs: Values) => LocalResource | Promise<LocalResource>;

/**
 * Plays a plugin whose resources exist in the state alone: random values and keys. Inputs are checked against the package's
 * typings; any change of them makes another resource.
 */
export class LocalStandIn implements StandIn {
  readonly #typings: PackageTypings;
  readonly #makers: Readonly<Record<string, Maker>>;

  /** Makers by type, as "random:index/randomUuid:RandomUuid". */
  constructor(name: string, makers: Readonly<Record<string, Maker>>) {
    this.#typings = new PackageTypings(name);
    this.#makers = makers;
  }

  get version(): string {
    return this.#typings.version;
  }

  async configure(): Promise<void> {}

  async check({ type }: Asked, { values, secrets }: Properties): Promise<Checked> {
    const { inputs } = await this.#typing(type);
    const { input } = await this.#typings.nested();
    return { inputs: { values, secrets }, problems: checkValues(values, inputs, input) };
  }

  async diff({ oldInputs }: Made, { values }: Properties): Promise<Plan> {
    const all = differences(oldInputs.values, values);
    return { differences: all, replaces: all.map(({ path }) => path), deleteBeforeReplace: false };
  }

  async create({ type }: Asked, inputs: Properties, { preview }: Change) {
    if (preview) {
      const { outputs } = await this.#typing(type);
      const unknown = Object.keys(outputs).map((name): [string, Value] => [name, UNKNOWN]);
      return {
        id: "",
        state: { values: { ...Object.fromEntries(unknown), ...inputs.values }, secrets: inputs.secrets },
      };
    }
    const make = this.#makers[type];
    if (make === undefined) throw new Error(`this stand-in does not make ${type}`);
    const { id, values, secrets } = await make(inputs.values);
    const all = [...inputs.secrets, ...secrets.map((name) => [name])];
    return { id, state: { values: { ...inputs.values, ...values }, secrets: all } };
  }

  async read({ id, state, oldInputs }: Made) {
    return { id, state, inputs: oldInputs };
  }

  async update(): Promise<Properties> {
    throw new Error("nothing of it can be changed");
  }

  async delete(): Promise<void> {}

  async invoke(token: string): Promise<Properties> {
    throw new Error(`this stand-in does not know the function ${token}`);
  }

  async #typing(type: string) {
    const typing = await this.#typings.typing(type);
    if (typing === undefined) throw new Error(`@pulumi/${this.#typings.name} ${this.version} has no ${type}`);
    return typing;
  }
}

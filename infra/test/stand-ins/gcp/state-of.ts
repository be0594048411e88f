import { isValues, UNKNOWN, type Value, type Values } from "../../../../provider-schema/src/engine/value.js";
import type { NestedTypes, Typing } from "../typings/package-typings.js";
import type { Members, TypeExpression } from "../typings/type-expression.js";
import { type Computed, computedValue, digitsOf, hexOf } from "./computed-values.js";

export interface StateOptions {
  readonly type: string;
  readonly typing: Typing;
  readonly nested: NestedTypes;
  /** What the values that Google chooses depend on; undefined while that is not known: they are unknown, too. */
  readonly resource: Computed | undefined;
  /** The state before, which keeps what Google chose then. */
  readonly before?: Values;
}

/** Values that are only sent, never read. */
export function isWriteOnly(name: string): boolean {
  return /Wo$/.test(name);
}

/**
 * What the provider reads of a resource: what it was given, and for every other property that the package's typings promise
 * a value. Those in Google's shape where tests look at them, others made up from the id.
 */
export function stateOf(inputs: Values, options: StateOptions): Values {
  const { typing } = options;
  const labels = "effectiveLabels" in typing.outputs ? labelsOf(inputs) : {};
  return { ...fill(inputs, typing.outputs, { ...options, at: "" }), ...labels };
}

interface Context extends StateOptions {
  readonly at: string;
}

function fill(given: Values, members: Members, context: Context): Values {
  const { at, typing } = context;
  const filled: [string, Value][] = [];
  for (const [name, member] of Object.entries(members)) {
    if (isWriteOnly(name)) continue;
    const path = at === "" ? name : `${at}.${name}`;
    const value = given[name] ?? null;
    if (value !== null) {
      filled.push([name, fillGiven(value, member.type, { ...context, at: path })]);
      continue;
    }
    const chosen = choose(path, context);
    if (chosen !== undefined) filled.push([name, chosen]);
    // What could have been given has a default of Google's; what could not is Google's alone.
    else if (!member.optional)
      filled.push([name, madeUp(member.type, path, { ...context, given: at === "" ? name in typing.inputs : true })]);
  }
  return Object.fromEntries(filled);
}

function fillGiven(value: Value, type: TypeExpression, context: Context): Value {
  if (typeof type === "string" || "map" in type) return value;
  if ("list" in type) {
    if (!isList(value)) return value;
    return value.map((each) => fillGiven(each, type.list, context));
  }
  const members = context.nested.output[type.ref];
  return members === undefined || !isValues(value) ? value : fill(value, members, context);
}

/** What Google chooses, where it is known how; what it chose before stays. */
function choose(path: string, { type, resource, before }: Context): Value | undefined {
  const old = path.split(".").reduce<Value | undefined>((at, step) => (isValues(at) ? at[step] : undefined), before);
  if (old !== undefined && old !== null) return old;
  if (resource !== undefined) return computedValue(type, path, resource);
  const probe = { id: "", settings: NO_SETTINGS, text: () => "" };
  return computedValue(type, path, probe) === undefined ? undefined : UNKNOWN;
}

const NO_SETTINGS = { project: { id: "", number: "" }, enabledServices: [], latencyMs: 0 };

function madeUp(type: TypeExpression, path: string, context: Context & { readonly given: boolean }): Value {
  const { resource, given } = context;
  if (resource === undefined) return UNKNOWN;
  if (typeof type !== "string") {
    if ("list" in type) return [];
    if ("map" in type) return {};
    const members = context.nested.output[type.ref];
    return members === undefined ? {} : fill({}, members, { ...context, at: path });
  }
  if (type === "boolean") return false;
  if (given) return type === "number" ? 0 : "";
  return type === "number" ? Number(digitsOf(`${resource.id} ${path}`, 6)) : hexOf(`${resource.id} ${path}`, 16);
}

function labelsOf({ labels }: Values): Values {
  const given = isValues(labels) ? labels : {};
  return { effectiveLabels: { ...given, "goog-pulumi-provisioned": "true" }, pulumiLabels: given };
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

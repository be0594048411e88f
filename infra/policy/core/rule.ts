import type { Resource } from "./resource.js";
import type { Verdict } from "./verdict.js";

/**
 * How strict a rule is where nobody configures it. `mandatory` stops a preview. `production` warns, and is mandatory with
 * prod.json: the level `dev` is cheap and differs on purpose. `advisory` warns.
 */
export type RuleLevel = "mandatory" | "production" | "advisory";

/** A number that a team may choose. */
export interface NumberSetting {
  readonly default: number;
  readonly description: string;
}

export interface RuleFacts {
  /** Stable: configuration names it. Starts with the number of the benchmark's item where there is one. */
  readonly id: string;
  readonly title: string;
  /** One sentence. */
  readonly why: string;
  /** What to do when it is broken. */
  readonly fix: string;
  readonly level: RuleLevel;
  readonly settings: Readonly<Record<string, NumberSetting>>;
}

/** Judges resources of some kinds, each alone, by its inputs. */
export interface ResourceRule extends RuleFacts {
  readonly scope: "resource";
  readonly of: readonly string[];
  readonly check: (resource: Resource, settings: Readonly<Record<string, number>>) => readonly Verdict[];
}

/** Judges what resources of a stack have to do with each other. */
export interface StackRule extends RuleFacts {
  readonly scope: "stack";
  readonly check: (resources: readonly Resource[], settings: Readonly<Record<string, number>>) => readonly Verdict[];
}

export type Rule = ResourceRule | StackRule;

type Written<R extends Rule, Setting extends string> = Omit<R, "scope" | "settings" | "level" | "check"> & {
  /** `mandatory` where nothing is said. */
  readonly level?: RuleLevel;
  readonly settings?: Readonly<Record<Setting, NumberSetting>>;
  readonly check: (about: Parameters<R["check"]>[0], settings: Readonly<Record<Setting, number>>) => readonly Verdict[];
};

/** Writes a rule over single resources. */
export function resourceRule<Setting extends string = never>(rule: Written<ResourceRule, Setting>): ResourceRule {
  return { level: "mandatory", settings: {}, ...rule, scope: "resource" } as ResourceRule;
}

/** Writes a rule over a stack. */
export function stackRule<Setting extends string = never>(rule: Written<StackRule, Setting>): StackRule {
  return { level: "mandatory", settings: {}, ...rule, scope: "stack" } as StackRule;
}

import type { ManifestPlan } from "@relay/provider-schema";
import type { ApiClient } from "../api/api-client.js";
import { planRequest, type RequestFlags } from "../manifest/ask-for-plan.js";
import { isRecord } from "../manifest/is-record.js";
import { type PlanFile, readPlanFile } from "../manifest/plan-file.js";
import {
  type Applied,
  type NewSecrets,
  type PlanRequest,
  requestApply,
  requestPlan,
} from "../manifest/plan-request.js";
import { appliedSummary } from "../manifest/plan-summary.js";
import { openSecretsFile, type SecretsFile } from "../manifest/secrets-file.js";
import { valueAt } from "../manifest/value-at.js";
import { escapedText } from "../render/escaped-text.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { askLine } from "./prompt.js";
import { showPlan } from "./show-plan.js";
import { noteLine, printJson, printLine, type Terminal } from "./terminal.js";

export interface ApplyFlags extends RequestFlags {
  readonly plan?: string;
  readonly autoApprove?: boolean;
  readonly secretsOut?: string;
  readonly showSecrets?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

/** `relay apply`: shows the plan, asks, and has exactly that plan made, in one transaction or not at all. */
export async function apply(api: ApiClient, terminal: Terminal, flags: ApplyFlags): Promise<ExitCode> {
  if (flags.json === true && flags.autoApprove !== true && flags.plan === undefined) {
    throw new CliError("with --json no plan is shown to be asked about: give --auto-approve or --plan", EXIT.usage);
  }
  const saved = flags.plan === undefined ? undefined : readPlanFile(flags.plan);
  const request = await planRequest(terminal, saved === undefined ? flags : asPlanned(saved, flags));
  // Also of a kept plan the server's own words are shown: the file may say something else than its fingerprint stands for.
  let plan = await requestPlan(api, request);
  const agreed = saved !== undefined && saved.plan.fingerprint === plan.fingerprint;
  if (saved !== undefined && !agreed) throw moved(terminal, plan, flags);
  for (;;) {
    show(terminal, plan, flags);
    const applied = await applyOnce(api, terminal, { request, plan, flags, agreed });
    if (!applied.moved) {
      report(terminal, applied.plan, applied.secrets, flags);
      return EXIT.ok;
    }
    if (agreed || flags.autoApprove === true || !isInteractive(terminal)) throw moved(terminal, applied.plan, flags);
    noteLine(terminal, MOVED);
    plan = applied.plan;
  }
}

const MOVED = "What exists, or the manifest, is not what the plan was made for; nothing was done. The plan is now:";

function moved(terminal: Terminal, plan: ManifestPlan, flags: ApplyFlags): CliError {
  noteLine(terminal, MOVED);
  show(terminal, plan, flags);
  return new CliError("not applied: the plan is another one now. Look at it, and plan and apply again", EXIT.failure);
}

/** A saved plan is asked for again as it was. */
function asPlanned(saved: PlanFile, flags: ApplyFlags): RequestFlags {
  if (flags.environment !== undefined || flags.adopt.length > 0 || flags.allowUndeliveredLoss === true) {
    throw new CliError(
      "--plan says itself which environment, --adopt and --allow-undelivered-loss it is for",
      EXIT.usage,
    );
  }
  return {
    file: flags.file,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(saved.environment === undefined ? {} : { environment: saved.environment }),
    adopt: saved.adopt,
    allowUndeliveredLoss: saved.allow_undelivered_loss,
  };
}

function show(terminal: Terminal, plan: ManifestPlan, flags: ApplyFlags): void {
  if (flags.json !== true) showPlan(terminal, plan, { color: flags.color });
}

/** Before anything is made: a secret that is told once must not be lost. */
function requirePlaceForSecrets([name]: readonly string[], flags: ApplyFlags): void {
  if (name === undefined || flags.secretsOut !== undefined || flags.showSecrets === true) return;
  throw new CliError(
    `the secret of the new token ${escapedText(name)} is told only once: give --secrets-out FILE, or --show-secrets to print it`,
    EXIT.usage,
  );
}

/** Tokens whose secret the server will make. */
function newTokens(plan: ManifestPlan, { content }: PlanRequest): string[] {
  return plan.changes.flatMap(({ action, resource, path: [name] }) => {
    if (resource !== "token" || name === undefined || (action !== "create" && action !== "replace")) return [];
    const declared = valueAt(content, ["tokens", name]);
    return isRecord(declared) && declared.own_secret !== undefined ? [] : [name];
  });
}

/** Rejects unless the plan may be made. */
async function approve(terminal: Terminal, plan: ManifestPlan, flags: ApplyFlags): Promise<void> {
  if (flags.autoApprove === true || plan.changes.length === 0) return;
  if (!isInteractive(terminal)) {
    throw new CliError(
      "there is no terminal to ask on: give --auto-approve, or --plan with a plan that was reviewed",
      EXIT.usage,
    );
  }
  const answer = await askLine(terminal, "Make these changes? Only yes will do: ", { hidden: false });
  if (answer !== "yes") throw new CliError("not applied: nothing was changed", EXIT.failure);
}

function isInteractive({ stdin }: Terminal): boolean {
  return stdin.isTTY === true;
}

interface Attempt {
  readonly request: PlanRequest;
  readonly plan: ManifestPlan;
  readonly flags: ApplyFlags;
  /** Whether somebody has agreed to this plan already. */
  readonly agreed: boolean;
}

async function applyOnce(api: ApiClient, terminal: Terminal, attempt: Attempt): Promise<Applied> {
  const { request, plan, flags, agreed } = attempt;
  const tokens = newTokens(plan, request);
  requirePlaceForSecrets(tokens, flags);
  // Opened first: whether it can be written must be known before the secrets are made.
  const file = flags.secretsOut === undefined || tokens.length === 0 ? null : openSecretsFile(flags.secretsOut);
  try {
    if (!agreed) await approve(terminal, plan, flags);
    const applied = await requestApply(api, request, plan.fingerprint);
    if (!applied.moved) keepSecrets(applied.secrets, file, flags);
    return applied;
  } finally {
    file?.discard();
  }
}

function keepSecrets(secrets: NewSecrets, file: SecretsFile | null, flags: ApplyFlags): void {
  const names = Object.keys(secrets);
  if (names.length === 0) return;
  try {
    file?.keep(secrets);
  } catch (cause) {
    throw new CliError(`applied, but the secrets of ${lost(names)}: ${(cause as Error).message}`, EXIT.failure, {
      cause,
    });
  }
  if (file === null && flags.showSecrets !== true) {
    throw new CliError(`applied, but the secrets of ${lost(names)}`, EXIT.failure);
  }
}

function lost(names: readonly string[]): string {
  return `the new tokens ${names.map(escapedText).join(", ")} were not kept. Rotate these tokens`;
}

function report(terminal: Terminal, plan: ManifestPlan, secrets: NewSecrets, flags: ApplyFlags): void {
  const shown = flags.showSecrets === true ? secrets : undefined;
  if (flags.json === true) {
    printJson(terminal, { plan, ...(shown === undefined ? {} : { secrets: shown }) });
    return;
  }
  if (plan.changes.length > 0) printLine(terminal, `Applied: ${appliedSummary(plan)}.`);
  for (const [name, { key, secret }] of Object.entries(shown ?? {})) {
    printLine(terminal, `token ${escapedText(name)}: key ${key} secret ${secret}`);
  }
  if (flags.secretsOut !== undefined && Object.keys(secrets).length > 0) {
    noteLine(terminal, `The secrets of new tokens are in ${flags.secretsOut}.`);
  }
}

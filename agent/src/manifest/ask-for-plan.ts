import type { ManifestPlan } from "@relay/provider-schema";
import type { ApiClient } from "../api/api-client.js";
import { CliError, EXIT } from "../cli/exit-codes.js";
import { noteLine, type Terminal } from "../cli/terminal.js";
import { loadManifest } from "./load-manifest.js";
import { type PlanRequest, requestPlan } from "./plan-request.js";
import { resolveManifest } from "./resolve-manifest.js";

/** What the commands that plan have in common. */
export interface RequestFlags {
  readonly file: readonly string[];
  readonly environment?: string;
  readonly name?: string;
  readonly adopt: readonly string[];
  readonly allowUndeliveredLoss?: boolean;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Loads the manifest that the flags name, with its secrets. Throws ManifestError and CliError. */
export async function planRequest(terminal: Terminal, flags: RequestFlags): Promise<PlanRequest> {
  requireFiles(flags.file);
  const manifest = await loadManifest({ files: flags.file, environment: flags.environment, stdin: terminal.stdin });
  const name = manifestName(flags.name ?? manifest.name);
  const { content, warnings } = resolveManifest(manifest, terminal.env);
  for (const warning of warnings) noteLine(terminal, `warning: ${warning}`);
  return {
    name,
    content,
    manifest,
    adopt: flags.adopt,
    allowUndeliveredLoss: flags.allowUndeliveredLoss === true,
  };
}

/** Loads the manifest and asks the server for its plan. */
export async function askForPlan(
  api: ApiClient,
  terminal: Terminal,
  flags: RequestFlags,
): Promise<{ readonly request: PlanRequest; readonly plan: ManifestPlan }> {
  const request = await planRequest(terminal, flags);
  return { request, plan: await requestPlan(api, request) };
}

/** Throws when there is no file to read. */
export function requireFiles(files: readonly string[]): void {
  if (files.length === 0) throw new CliError("which manifest? Give it: -f relay.yaml", EXIT.usage);
}

function manifestName(name: string | undefined): string {
  if (name === undefined) throw new CliError("the manifest has no name: write name: in it, or give --name", EXIT.usage);
  if (NAME.test(name)) return name;
  throw new CliError("the name of a manifest has small letters, digits and hyphens, at most 63", EXIT.usage);
}

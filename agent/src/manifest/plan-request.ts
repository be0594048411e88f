import type { ManifestPlan, ManifestProblem } from "@relay/provider-schema";
import { type ApiClient, type ApiResponse, refusal } from "../api/api-client.js";
import { CliError, EXIT } from "../cli/exit-codes.js";
import type { LoadedManifest } from "./load-manifest.js";
import { ManifestError } from "./manifest-error.js";
import { parsePath } from "./parse-path.js";

/** What is asked of the server. */
export interface PlanRequest {
  readonly name: string;
  /** The resolved content, with secrets. */
  readonly content: unknown;
  /** Addresses of objects that may be taken over, or `*`. */
  readonly adopt: readonly string[];
  /** Whether undelivered webhooks may go with their bucket. */
  readonly allowUndeliveredLoss: boolean;
  /** For the places of problems. */
  readonly manifest: LoadedManifest;
}

/** Secrets of the tokens that an apply made, by the tokens' names. */
export type NewSecrets = Readonly<Record<string, { readonly key: string; readonly secret: string }>>;

export type Applied =
  | { readonly moved: false; readonly plan: ManifestPlan; readonly secrets: NewSecrets }
  /** The world is another one than the plan was made for; nothing was changed. */
  | { readonly moved: true; readonly plan: ManifestPlan };

/** The exact change that an apply would make now. Throws ManifestError for what is wrong with the manifest. */
export async function requestPlan(api: ApiClient, request: PlanRequest): Promise<ManifestPlan> {
  const path = `/v1/manifests/${request.name}/plan`;
  return answered(await api.send("POST", path, bodyOf(request)), path, request) as ManifestPlan;
}

/** Makes exactly the change that the fingerprint was given for, or none. */
export async function requestApply(api: ApiClient, request: PlanRequest, fingerprint: string): Promise<Applied> {
  const path = `/v1/manifests/${request.name}/apply`;
  const response = await api.send("POST", path, bodyOf(request, fingerprint));
  if (response.status === 409) {
    const plan = (json(response) as { plan?: ManifestPlan } | undefined)?.plan;
    if (plan !== undefined) return { moved: true, plan };
  }
  const { plan, secrets } = answered(response, path, request) as { plan: ManifestPlan; secrets?: NewSecrets };
  return { moved: false, plan, secrets: secrets ?? {} };
}

function bodyOf({ content, adopt, allowUndeliveredLoss }: PlanRequest, fingerprint?: string): string {
  return JSON.stringify({
    manifest: content,
    ...(adopt.length > 0 ? { adopt } : {}),
    ...(allowUndeliveredLoss ? { allow_undelivered_loss: true } : {}),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
}

function answered(response: ApiResponse, path: string, { manifest }: PlanRequest): unknown {
  const body = json(response);
  if (response.status === 200 && body !== undefined) return body;
  const problems = (body as { problems?: readonly ManifestProblem[] } | undefined)?.problems;
  if (response.status === 400 && problems !== undefined && problems.length > 0) {
    throw new ManifestError(
      problems.map(({ path: at, message, hint }) => manifest.locate(parsePath(at), message, hint && withFlags(hint))),
    );
  }
  if (response.status === 404) {
    throw new CliError("this server does not take manifests: it is older than this program. Update it.", EXIT.failure);
  }
  throw refusal("POST", path, response);
}

/** The server's hints are for everybody; here its parameters are flags. */
function withFlags(hint: string): string {
  return hint
    .replace("allow_undelivered_loss", "--allow-undelivered-loss")
    .replace(/\badopting (?=\w+\/)/, "adopting with --adopt ");
}

function json({ text }: ApiResponse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

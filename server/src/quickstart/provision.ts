import type { CallApi } from "./relay-api.js";
import type { Credentials, QuickstartState } from "./state-file.js";

/** The bucket of the quick start. */
export const BUCKET = "demo";
const OUTPUT = "quickstart";

interface ApiOutput {
  readonly id: string;
  readonly name: string;
  readonly destination: string;
}

interface ApiBucket {
  readonly id: string;
  readonly name: string;
  readonly inputs: readonly { readonly id: string }[];
  readonly outputs: readonly ApiOutput[];
}

export interface Provisioned {
  readonly inputId: string;
  readonly agent: Credentials;
  readonly state: QuickstartState;
}

/**
 * Sees to it that the bucket, one input, one output to `destination` and the agent's token exist; creates only what is
 * missing, so that a second start finds everything as it was, and one that was cut short goes on.
 */
export async function provision(api: CallApi, state: QuickstartState, destination: string): Promise<Provisioned> {
  const bucket = await findBucket(api);
  const input =
    bucket.inputs[0] ?? (await create<{ id: string }>(api, `/v1/buckets/${bucket.id}/inputs`, { name: "quickstart" }));
  const outputId = await putOutput(api, bucket, state.outputId, destination);
  const agent = await findToken(api, bucket.id, state.agent);
  return { inputId: input.id, agent, state: { admin: state.admin, agent, outputId } };
}

async function findBucket(api: CallApi): Promise<ApiBucket> {
  const buckets = (await api("/v1/buckets")) as readonly ApiBucket[];
  const existing = buckets.find(({ name }) => name === BUCKET);
  return existing ?? create<ApiBucket>(api, "/v1/buckets", { name: BUCKET, description: "Made by npm start" });
}

/** The output of the last start, wherever people have moved or renamed it in the bucket; only its destination changes. */
async function putOutput(
  api: CallApi,
  bucket: ApiBucket,
  knownId: string | undefined,
  destination: string,
): Promise<string> {
  const output = bucket.outputs.find(({ id }) => id === knownId) ?? bucket.outputs.find(({ name }) => name === OUTPUT);
  const path = `/v1/buckets/${bucket.id}/outputs`;
  if (output === undefined) {
    const body = { name: OUTPUT, destination, internal: true };
    return (await create<ApiOutput>(api, path, body)).id;
  }
  if (output.destination !== destination) await api(`${path}/${output.id}`, { method: "PUT", body: { destination } });
  return output.id;
}

async function findToken(api: CallApi, bucketId: string, known: Credentials | undefined): Promise<Credentials> {
  const tokens = (await api("/v1/tokens")) as readonly { readonly id: string }[];
  if (known !== undefined && tokens.some(({ id }) => id === known.key)) return known;
  return create<Credentials>(api, "/v1/tokens", {
    description: "Agent of npm start",
    api_access: "disabled",
    scopes: { buckets: [bucketId], tunnels: [] },
  });
}

async function create<T>(api: CallApi, path: string, body: object): Promise<T> {
  return (await api(path, { method: "POST", body })) as T;
}

import type { Credentials } from "./start-server.js";

export interface Route {
  readonly bucketId: string;
  readonly inputId: string;
  readonly outputId: string;
  /** Path that webhooks are posted to. */
  readonly path: string;
}

async function post(url: string, { key, secret }: Credentials, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST ${new URL(url).pathname} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Creates a bucket with its default input and one internal output. */
export async function createRoute(
  api: string,
  admin: Credentials,
  { bucket, destination }: { bucket: string; destination: string },
): Promise<Route> {
  const made = (await post(`${api}/v1/buckets`, admin, { name: bucket })) as { id: string; inputs: { id: string }[] };
  const inputId = made.inputs[0]?.id;
  if (inputId === undefined) throw new Error("POST /v1/buckets: the answer has no input");
  const output = (await post(`${api}/v1/buckets/${made.id}/outputs`, admin, {
    name: "bench",
    destination,
    internal: true,
  })) as { id: string };
  return { bucketId: made.id, inputId, outputId: output.id, path: `/v1/webhooks/${inputId}` };
}

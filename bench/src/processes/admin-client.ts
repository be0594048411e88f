import type { Credentials } from "./start-server.js";

export interface Route {
  readonly bucketId: string;
  readonly inputId: string;
  readonly outputId: string;
  /** Path that webhooks are posted to. */
  readonly path: string;
}

export interface RouteOptions {
  readonly bucket: string;
  readonly destination: string;
  /** The server calls the destination itself; without it an agent does. */
  readonly public?: boolean;
  /** Name of the function that its output's webhooks pass through. */
  readonly function?: string;
}

interface AdminCall {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly body: unknown;
}

async function call(api: string, { key, secret }: Credentials, { method, path, body }: AdminCall): Promise<unknown> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

function outputBody(options: RouteOptions): object {
  return {
    name: "bench",
    destination: options.destination,
    internal: options.public !== true,
    ...(options.function === undefined ? {} : { function: options.function }),
  };
}

/** Creates a bucket with its default input and one output. */
export async function createRoute(api: string, admin: Credentials, options: RouteOptions): Promise<Route> {
  const made = (await call(api, admin, { method: "POST", path: "/v1/buckets", body: { name: options.bucket } })) as {
    id: string;
    inputs: { id: string }[];
  };
  const inputId = made.inputs[0]?.id;
  if (inputId === undefined) throw new Error("POST /v1/buckets: the answer has no input");
  const path = `/v1/buckets/${made.id}/outputs`;
  const output = (await call(api, admin, { method: "POST", path, body: outputBody(options) })) as { id: string };
  return { bucketId: made.id, inputId, outputId: output.id, path: `/v1/webhooks/${inputId}` };
}

/** Has the server itself call the destination of a route from now on. */
export async function makePublic(
  api: string,
  admin: Credentials,
  { route, destination }: { route: Route; destination: string },
): Promise<void> {
  const path = `/v1/buckets/${route.bucketId}/outputs/${route.outputId}`;
  await call(api, admin, { method: "PUT", path, body: outputBody({ bucket: "", destination, public: true }) });
}

/** Creates a function in JavaScript. */
export async function createFunction(
  api: string,
  admin: Credentials,
  { name, source }: { name: string; source: string },
): Promise<void> {
  await call(api, admin, { method: "POST", path: "/v1/functions", body: { name, driver: "js", payload: source } });
}

/** Has senders wait for what the route's destination answers from now on. */
export async function waitForDestination(api: string, admin: Credentials, route: Route): Promise<void> {
  const path = `/v1/buckets/${route.bucketId}/inputs/${route.inputId}`;
  await call(api, admin, { method: "PUT", path, body: { response_from_output: "anyOutput" } });
}

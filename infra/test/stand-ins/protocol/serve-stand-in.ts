import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import type { Path } from "../../../../provider-schema/src/engine/problem.js";
import { leaveWithParent } from "../../../../provider-schema/src/pulumi/leave-with-parent.js";
import { typeOfUrn } from "../../../../provider-schema/src/pulumi/type-of-urn.js";
import { decodeProperties } from "../../../../provider-schema/src/pulumi/wire/decode-properties.js";
import { encodeProperties } from "../../../../provider-schema/src/pulumi/wire/encode-properties.js";
import {
  type CheckRequest,
  type CheckResponse,
  DiffChanges,
  DiffKind,
  type DiffRequest,
  type DiffResponse,
  ErrorResourceInitFailed,
  Status,
  type Struct,
} from "../../../../provider-schema/src/pulumi/wire/generated/pulumi_provider.js";
import { formatPropertyPath } from "../../../../provider-schema/src/pulumi/wire/property-path.js";
import { RESOURCE_PROVIDER } from "../../../../provider-schema/src/pulumi/wire/service.js";
import { type Difference, differences } from "./differences.js";
import { InitFailed } from "./init-failed.js";
import type { Asked, Made, Plan, StandIn } from "./stand-in.js";

const UNLIMITED = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
const FEATURES = {
  acceptSecrets: true,
  acceptResources: false,
  acceptOutputs: false,
  supportsAutonamingConfiguration: false,
} as const;
const KINDS: Readonly<Record<Difference["change"], readonly [inPlace: DiffKind, replaces: DiffKind]>> = {
  add: [DiffKind.DIFF_KIND_UNSPECIFIED, DiffKind.DIFF_KIND_ADD_REPLACE],
  delete: [DiffKind.DIFF_KIND_DELETE, DiffKind.DIFF_KIND_DELETE_REPLACE],
  update: [DiffKind.DIFF_KIND_UPDATE, DiffKind.DIFF_KIND_UPDATE_REPLACE],
};

/** Serves a stand-in to the engine that started this process, and tells that engine the port. Ends with the engine. */
export function serveStandIn(name: string, standIn: StandIn): void {
  const server = new Server(UNLIMITED);
  const cancelled = new AbortController();
  const change = ({ preview = false, timeout }: { preview?: boolean; timeout: number }) => ({
    preview,
    timeoutSeconds: timeout,
    signal: cancelled.signal,
  });
  server.addService(RESOURCE_PROVIDER, {
    Handshake: answers(() => FEATURES),
    GetSchema: answers(() => ({ schema: JSON.stringify({ name, version: standIn.version }) })),
    GetPluginInfo: answers(() => ({ version: standIn.version })),
    Attach: answers(() => ({})),
    CheckConfig: answers(({ news }: CheckRequest) => ({ inputs: news, failures: [] })),
    DiffConfig: answers(({ olds, news, oldInputs }: DiffRequest) => {
      const changed = differences(decodeProperties(oldInputs ?? olds).values, decodeProperties(news).values);
      return diffResponse({ differences: changed, replaces: [], deleteBeforeReplace: false });
    }),
    Configure: answers(async ({ args }: { args: Struct | undefined }) => {
      await standIn.configure(decodeProperties(args));
      return { ...FEATURES, supportsPreview: true };
    }),
    Invoke: answers(async ({ token, args }: { token: string; args: Struct | undefined }) => ({
      result: encodeProperties(await standIn.invoke(token, decodeProperties(args))),
      failures: [],
    })),
    Check: answers(async (request: CheckRequest): Promise<CheckResponse> => {
      const more = { olds: decodeProperties(request.olds), seed: request.randomSeed };
      const { inputs, problems } = await standIn.check(asked(request.urn), decodeProperties(request.news), more);
      const failures = problems.map(({ path, reason }) => ({ property: formatPropertyPath(path), reason }));
      return { inputs: encodeProperties(inputs), failures };
    }),
    Diff: answers(async (request: DiffRequest) => {
      const made = { ...asked(request.urn), ...madeOf(request.id, request.olds, request.oldInputs) };
      return diffResponse(await standIn.diff(made, decodeProperties(request.news)));
    }),
    Create: answers(async (request) => {
      const { id, state } = await standIn.create(
        asked(request.urn),
        decodeProperties(request.properties),
        change(request),
      );
      return { id, properties: encodeProperties(state) };
    }),
    Read: answers(async (request) => {
      const made = { ...asked(request.urn), ...madeOf(request.id, request.properties, request.inputs) };
      const found = await standIn.read(made);
      // Without an id: it is gone.
      if (found === undefined) return { id: "", properties: undefined, inputs: undefined };
      return { id: found.id, properties: encodeProperties(found.state), inputs: encodeProperties(found.inputs) };
    }),
    Update: answers(async (request) => {
      const made = { ...asked(request.urn), ...madeOf(request.id, request.olds, request.oldInputs) };
      const state = await standIn.update(made, decodeProperties(request.news), change(request));
      return { properties: encodeProperties(state) };
    }),
    Delete: answers(async (request) => {
      const made = { ...asked(request.urn), ...madeOf(request.id, request.properties, request.oldInputs) };
      await standIn.delete(made, change(request));
      return {};
    }),
    Cancel: answers(() => {
      cancelled.abort();
      return {};
    }),
  } satisfies Handlers as Record<keyof typeof RESOURCE_PROVIDER, UntypedHandleCall>);
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
  });
  leaveWithParent();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(0));
}

type Service = typeof RESOURCE_PROVIDER;
type RequestOf<Name extends keyof Service> = ReturnType<Service[Name]["requestDeserialize"]>;
type ResponseOf<Name extends keyof Service> = Parameters<Service[Name]["responseSerialize"]>[0];
type Handler<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  callback: sendUnaryData<Response>,
) => Promise<void>;
type Handlers = { readonly [Name in keyof Service]: Handler<RequestOf<Name>, ResponseOf<Name>> };

function answers<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): Handler<Request, Response> {
  return async (call, callback) => {
    try {
      callback(null, await answer(call.request));
    } catch (error) {
      callback(statusOf(error));
    }
  };
}

function asked(urn: string): Asked {
  return { urn, type: typeOfUrn(urn), name: urn.split("::").at(-1) ?? "" };
}

function madeOf(id: string, state: Struct | undefined, oldInputs: Struct | undefined): Omit<Made, keyof Asked> {
  return { id, state: decodeProperties(state), oldInputs: decodeProperties(oldInputs) };
}

function diffResponse({ differences, replaces, deleteBeforeReplace }: Plan): DiffResponse {
  const replacing = new Set(replaces.map(formatPropertyPath));
  const top = (paths: readonly Path[]) => [...new Set(paths.map(([first]) => String(first)))];
  return {
    replaces: top(replaces),
    stables: [],
    deleteBeforeReplace,
    changes: differences.length > 0 ? DiffChanges.DIFF_CHANGES_SOME : DiffChanges.DIFF_CHANGES_NONE,
    diffs: top(differences.map(({ path }) => path)),
    detailedDiff: new Map(
      differences.map(({ path, change }) => {
        const formatted = formatPropertyPath(path);
        return [formatted, { kind: KINDS[change][replacing.has(formatted) ? 1 : 0], inputDiff: true }];
      }),
    ),
    hasDetailedDiff: true,
  };
}

function statusOf(error: unknown): Pick<ServiceError, "code" | "details" | "metadata"> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof InitFailed) {
    const { id, state } = error;
    const properties = encodeProperties(state);
    const value = ErrorResourceInitFailed.encode({ id, properties, inputs: undefined, reasons: [message] }).finish();
    const detail = { typeUrl: "type.googleapis.com/pulumirpc.ErrorResourceInitFailed", value };
    const bytes = Status.encode({ code: status.UNKNOWN, message, details: [detail] }).finish();
    metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  }
  return { code: status.UNKNOWN, details: message, metadata };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Client, credentials, type MethodDefinition, type ServiceError } from "@grpc/grpc-js";
import { decodeProperties } from "../../src/pulumi/wire/decode-properties.js";
import { encodeProperties } from "../../src/pulumi/wire/encode-properties.js";
import {
  type CheckResponse,
  type CreateRequest,
  type CreateResponse,
  DiffChanges,
  type DiffResponse,
  ErrorResourceInitFailed,
  Status,
  type Struct,
} from "../../src/pulumi/wire/generated/pulumi_provider.js";
import type { Properties } from "../../src/pulumi/wire/properties.js";
import { RESOURCE_PROVIDER } from "../../src/pulumi/wire/service.js";
import { PROVIDER_FOLDER } from "./relay-pulumi.js";

type Service = typeof RESOURCE_PROVIDER;
type RequestOf<Name extends keyof Service> = Parameters<Service[Name]["requestSerialize"]>[0];
type ResponseOf<Name extends keyof Service> = ReturnType<Service[Name]["responseDeserialize"]>;

/** The provider's process, with this test as its engine. */
export class ProviderProcess {
  readonly child: ChildProcess;
  readonly #client: Client;
  #stdout: string;
  #stderr = "";

  constructor(child: ChildProcess, firstLine: string) {
    this.child = child;
    this.#stdout = firstLine;
    child.stdout?.on("data", (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    this.#client = new Client(`127.0.0.1:${Number(firstLine)}`, credentials.createInsecure());
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Calls a method. Rejects with gRPC's error. */
  call<Name extends keyof Service>(name: Name, request: RequestOf<Name>): Promise<ResponseOf<Name>> {
    const method = RESOURCE_PROVIDER[name] as unknown as MethodDefinition<RequestOf<Name>, ResponseOf<Name>>;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error);
        },
      );
    });
  }

  check(
    type: string,
    news: Struct,
    { olds, name = "it" }: { olds?: Struct; name?: string } = {},
  ): Promise<CheckResponse> {
    return this.call("Check", {
      urn: urnOf(type),
      olds,
      news,
      randomSeed: Buffer.alloc(32, 7),
      name,
      type,
      autonaming: undefined,
    });
  }

  create(type: string, properties: Struct, more: Partial<CreateRequest> = {}): Promise<CreateResponse> {
    return this.call("Create", { urn: urnOf(type), properties, timeout: 0, preview: false, ...more });
  }

  /** What an engine asks before it changes something. */
  diff(
    type: string,
    {
      id,
      olds,
      oldInputs,
      news,
      ignoreChanges = [],
    }: { id: string; olds: Struct; oldInputs: Struct; news: Struct; ignoreChanges?: string[] },
  ): Promise<DiffResponse> {
    return this.call("Diff", { id, urn: urnOf(type), olds, oldInputs, news, ignoreChanges });
  }

  async close(): Promise<void> {
    this.#client.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }
}

/** Starts the executable as an engine does, and waits for its port. */
export async function startProvider(env: Readonly<Record<string, string>>): Promise<ProviderProcess> {
  const child = spawn(join(PROVIDER_FOLDER, "pulumi-resource-relay"), ["127.0.0.1:1"], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdout.setEncoding("utf8");
  const [line] = (await once(child.stdout, "data")) as [string];
  return new ProviderProcess(child, line);
}

/** The same, configured by its environment alone. */
export async function startConfigured(env: Readonly<Record<string, string>>): Promise<ProviderProcess> {
  const provider = await startProvider(env);
  await provider.call("Configure", { variables: new Map(), args: undefined });
  return provider;
}

export function urnOf(type: string): string {
  return `urn:pulumi:test::relay-test::relay:index:${type}::it`;
}

/** Properties as an engine sends them. */
export function struct(values: Properties["values"], secrets: Properties["secrets"] = []): Struct {
  return encodeProperties({ values, secrets });
}

/** Properties as they were answered. */
export function properties(answered: Struct | undefined): Properties {
  return decodeProperties(answered);
}

export const NOTHING = DiffChanges.DIFF_CHANGES_NONE;

/** What an error says of an object that was made; undefined for another error. */
export function initFailure(error: unknown): ErrorResourceInitFailed | undefined {
  const [bytes] = (error as ServiceError).metadata?.get("grpc-status-details-bin") ?? [];
  if (!(bytes instanceof Buffer)) return undefined;
  const detail = Status.decode(bytes).details.find(({ typeUrl }) =>
    typeUrl.endsWith("/pulumirpc.ErrorResourceInitFailed"),
  );
  return detail === undefined ? undefined : ErrorResourceInitFailed.decode(detail.value);
}

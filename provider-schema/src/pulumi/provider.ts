import type { RelayApi } from "../client/relay-api.js";
import { RelayApiError } from "../client/relay-api-error.js";
import { TakenNames } from "../client/taken-names.js";
import { pulumiSchema } from "../derive/pulumi.js";
import { resourceToken } from "../derive/pulumi-tokens.js";
import type { ProviderSchema, Resource } from "../model.js";
import { checkConfig } from "./check-config.js";
import { checkResource } from "./check-resource.js";
import { createResource } from "./create-resource.js";
import { deleteResource } from "./delete-resource.js";
import { diffConfig } from "./diff-config.js";
import { diffResource } from "./diff-resource.js";
import { EngineLog } from "./engine-log.js";
import { invoke } from "./invoke.js";
import { configOfRequest, configuredApi } from "./provider-config.js";
import { readResource } from "./read-resource.js";
import { typeOfUrn } from "./type-of-urn.js";
import { UnknownTokenError } from "./unknown-token-error.js";
import { updateResource } from "./update-resource.js";
import type {
  CheckRequest,
  CheckResponse,
  ConfigureRequest,
  ConfigureResponse,
  CreateRequest,
  CreateResponse,
  DeleteRequest,
  DiffRequest,
  DiffResponse,
  Empty,
  GetSchemaResponse,
  HandshakeResponse,
  InvokeRequest,
  InvokeResponse,
  PluginAttach,
  PluginInfo,
  ReadRequest,
  ReadResponse,
  UpdateRequest,
  UpdateResponse,
} from "./wire/generated/pulumi_provider.js";

/** The answer of each method, by its name in the service. */
export class PulumiProvider {
  readonly #schema: ProviderSchema;
  readonly #version: string;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #resources: ReadonlyMap<string, Resource>;
  #log: EngineLog;
  #configured: RelayApi | undefined;
  #takenNames: TakenNames | undefined;

  constructor(
    schema: ProviderSchema,
    {
      version,
      environment,
      log,
    }: { version: string; environment: Readonly<Record<string, string | undefined>>; log: EngineLog },
  ) {
    this.#log = log;
    this.#schema = schema;
    this.#version = version;
    this.#environment = environment;
    this.#resources = new Map(schema.resources.map((each) => [resourceToken(schema, each), each]));
  }

  Handshake(): HandshakeResponse {
    return { ...FEATURES };
  }

  GetSchema(): GetSchemaResponse {
    return { schema: JSON.stringify(pulumiSchema(this.#schema, this.#version)) };
  }

  CheckConfig(request: CheckRequest): CheckResponse {
    return checkConfig(this.#schema, request);
  }

  DiffConfig(request: DiffRequest): DiffResponse {
    return diffConfig(request);
  }

  Configure(request: ConfigureRequest): ConfigureResponse {
    this.#configured = configuredApi(this.#schema, configOfRequest(request), {
      environment: this.#environment,
      userAgent: `pulumi-resource-${this.#schema.name}/${this.#version}`,
    });
    return { ...FEATURES, supportsPreview: true };
  }

  async Invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const answer = await invoke(this.#schema, request, this.#api);
    if (answer === undefined) throw new UnknownTokenError(request.token);
    return answer;
  }

  Check(request: CheckRequest): CheckResponse {
    return checkResource(this.#resource(request.urn), request);
  }

  Diff(request: DiffRequest): Promise<DiffResponse> {
    return diffResource(this.#resource(request.urn), request, this.#api);
  }

  Create(request: CreateRequest): Promise<CreateResponse> {
    return createResource(this.#resource(request.urn), request, this.#api, {
      takenNames: () => {
        this.#takenNames ??= new TakenNames(this.#api());
        return this.#takenNames;
      },
      log: this.#log,
    });
  }

  Read(request: ReadRequest): Promise<ReadResponse> {
    return readResource(this.#resource(request.urn), request, this.#api);
  }

  Update(request: UpdateRequest): Promise<UpdateResponse> {
    return updateResource(this.#resource(request.urn), request, this.#api);
  }

  async Delete(request: DeleteRequest): Promise<Empty> {
    await deleteResource(this.#resource(request.urn), request, this.#api);
    return {};
  }

  /** Begins nothing more. What is on its way comes to its end, so that the engine learns of it. */
  Cancel(): Empty {
    this.#configured?.stop();
    return {};
  }

  GetPluginInfo(): PluginInfo {
    return { version: this.#version };
  }

  /** For a provider that somebody started by hand, to look into it: the engine says where it is. */
  Attach({ address }: PluginAttach): Empty {
    this.#log = new EngineLog(address);
    return {};
  }

  readonly #api = (): RelayApi => {
    if (this.#configured === undefined)
      throw new RelayApiError(0, "the provider was not configured before it was used");
    return this.#configured;
  };

  #resource(urn: string): Resource {
    const type = typeOfUrn(urn);
    const resource = this.#resources.get(type);
    if (resource === undefined) throw new UnknownTokenError(type);
    return resource;
  }
}

const FEATURES = {
  acceptSecrets: true,
  // Ids say all there is to say of a resource, and no answer depends on where a value comes from.
  acceptResources: false,
  acceptOutputs: false,
  supportsAutonamingConfiguration: true,
} as const;

// Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit.

import type * as pulumi from "@pulumi/pulumi";

/** The server, and the token that this program uses there. */
export declare class Provider extends pulumi.ProviderResource {
  static isInstance(value: unknown): value is Provider;
  constructor(name: string, args?: ProviderArgs, opts?: pulumi.ResourceOptions);
}

/** Arguments of Provider. */
export interface ProviderArgs {
  /** Address of the server's management API. Else `RELAY_API_ADDRESS`. */
  readonly address?: pulumi.Input<string> | undefined;
  /** Key of a token that may use the management API. Else `RELAY_KEY`. */
  readonly key?: pulumi.Input<string> | undefined;
  /** Secret of that token. Else `RELAY_SECRET`. */
  readonly secret?: pulumi.Input<string> | undefined;
  /** PEM file of the authorities that sign the server's certificate, instead of the system's. Else `RELAY_CA_FILE`. */
  readonly caFile?: pulumi.Input<string> | undefined;
}

/** A bucket groups inputs, which take webhooks, and outputs, which say where they go. */
export declare class Bucket extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Bucket;
  static isInstance(value: unknown): value is Bucket;
  /** Name of the bucket, unique on the server. */
  readonly name: pulumi.Output<string>;
  /** Text for people. */
  readonly description: pulumi.Output<string>;
  /** What senders must show to be let in. */
  readonly auth: pulumi.Output<BucketAuthState>;
  /** Whether webhooks are streamed to agents. */
  readonly stream: pulumi.Output<boolean>;
  /** Whether webhooks are kept in memory only: never stored, lost when the server ends, not to be re-sent. */
  readonly ephemeral: pulumi.Output<boolean>;
  /** Whether bodies beyond the usual limit are taken. */
  readonly largeWebhooks: pulumi.Output<boolean>;
  constructor(name: string, args?: BucketArgs, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of Bucket. */
export interface BucketArgs {
  /** Name of the bucket, unique on the server. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Text for people. */
  readonly description?: pulumi.Input<string> | undefined;
  /** What senders must show to be let in. */
  readonly auth?: pulumi.Input<BucketAuth> | undefined;
  /** Whether webhooks are streamed to agents. */
  readonly stream?: pulumi.Input<boolean> | undefined;
  /** Whether webhooks are kept in memory only: never stored, lost when the server ends, not to be re-sent. */
  readonly ephemeral?: pulumi.Input<boolean> | undefined;
  /** Whether bodies beyond the usual limit are taken. */
  readonly largeWebhooks?: pulumi.Input<boolean> | undefined;
}

/** A function is code that sees each webhook of the inputs and outputs that name it: it changes it, answers it or stops it. */
export declare class Function extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Function;
  static isInstance(value: unknown): value is Function;
  /** Name of the function, unique on the server. */
  readonly name: pulumi.Output<string>;
  /** Text for people. */
  readonly description: pulumi.Output<string>;
  /** Language of the source: `js` is JavaScript, `lua` is Lua. */
  readonly driver: pulumi.Output<FunctionDriver>;
  /** Source of the function, at most 262,144 bytes. */
  readonly payload: pulumi.Output<string>;
  constructor(name: string, args: FunctionArgs, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of Function. */
export interface FunctionArgs {
  /** Name of the function, unique on the server. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Text for people. */
  readonly description?: pulumi.Input<string> | undefined;
  /** Language of the source: `js` is JavaScript, `lua` is Lua. */
  readonly driver?: pulumi.Input<FunctionDriver> | undefined;
  /** Source of the function, at most 262,144 bytes. */
  readonly payload: pulumi.Input<string>;
  /** What the function reads by `cfg.get(name)`: at most 100 texts by their name. Kept encrypted and never shown. Left out, the function keeps those it has; `{}` takes all away. */
  readonly variables?: pulumi.Input<{ readonly [name: string]: pulumi.Input<string> }> | undefined;
}

/** An input is a public HTTP endpoint. What it takes goes to the outputs of its bucket. */
export declare class Input extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Input;
  static isInstance(value: unknown): value is Input;
  /** Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it. */
  readonly bucket: pulumi.Output<string>;
  /** Id of the bucket it belongs to. */
  readonly bucketId: pulumi.Output<string>;
  /** Name of the input, unique in its bucket. */
  readonly name: pulumi.Output<string>;
  /** Text for people. */
  readonly description: pulumi.Output<string>;
  /** Status of the answer, from 200 to 599; 0 answers as 200. */
  readonly statusCode: pulumi.Output<number>;
  /** Fields of the answer: each name with its values. */
  readonly headers: pulumi.Output<{ readonly [name: string]: readonly string[] }>;
  /** Body of the answer. */
  readonly body: pulumi.Output<string>;
  /** Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`. */
  readonly responseFromOutput: pulumi.Output<string>;
  /** With `response_from_output`: how long the sender waits; then it gets the input's own answer. In seconds. From 1 to 60. */
  readonly responseTimeout: pulumi.Output<number>;
  /** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
  readonly verification: pulumi.Output<InputVerificationState>;
  /** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
  readonly deduplication: pulumi.Output<InputDeduplicationState>;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function: pulumi.Output<string>;
  /** Address that senders post to. */
  readonly url: pulumi.Output<string>;
  constructor(name: string, args: InputArgs, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of Input. */
export interface InputArgs {
  /** Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it. */
  readonly bucket: pulumi.Input<string>;
  /** Name of the input, unique in its bucket. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Text for people. */
  readonly description?: pulumi.Input<string> | undefined;
  /** Status of the answer, from 200 to 599; 0 answers as 200. */
  readonly statusCode?: pulumi.Input<number> | undefined;
  /** Fields of the answer: each name with its values. */
  readonly headers?: pulumi.Input<{ readonly [name: string]: pulumi.Input<readonly pulumi.Input<string>[]> }> | undefined;
  /** Body of the answer. */
  readonly body?: pulumi.Input<string> | undefined;
  /** Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`. */
  readonly responseFromOutput?: pulumi.Input<string> | undefined;
  /** With `response_from_output`: how long the sender waits; then it gets the input's own answer. In seconds. From 1 to 60. */
  readonly responseTimeout?: pulumi.Input<number> | undefined;
  /** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
  readonly verification?: pulumi.Input<InputVerification> | undefined;
  /** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
  readonly deduplication?: pulumi.Input<InputDeduplication> | undefined;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function?: pulumi.Input<string> | undefined;
}

/** An output says where the webhooks of its bucket go. */
export declare class Output extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Output;
  static isInstance(value: unknown): value is Output;
  /** Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it. */
  readonly bucket: pulumi.Output<string>;
  /** Id of the bucket it belongs to. */
  readonly bucketId: pulumi.Output<string>;
  /** Name of the output, unique in its bucket. */
  readonly name: pulumi.Output<string>;
  /** Text for people. */
  readonly description: pulumi.Output<string>;
  /** Absolute http or https URL. Who calls it, an agent or the server, must be able to reach it. Of a public output, path and query may have places to fill in: `{{ webhook.id }}`. */
  readonly destination: pulumi.Output<string>;
  /** Whether an agent calls the destination, in its own network. With `false` the server calls it, on the Internet. */
  readonly internal: pulumi.Output<boolean>;
  /** Whether the output gets nothing. */
  readonly disabled: pulumi.Output<boolean>;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lockPath: pulumi.Output<boolean>;
  /** Fields that the call carries instead of those of the webhook: each name with its values. Of a public output, values may have places to fill in. */
  readonly headers: pulumi.Output<{ readonly [name: string]: readonly string[] }>;
  /** How long a call may take; 0 is the default of who calls: 30 seconds. In seconds. From 0 to 180. */
  readonly timeout: pulumi.Output<number>;
  /** Whether the certificate of a public destination must be valid. */
  readonly tlsVerification: pulumi.Output<boolean>;
  /** When a delivery that failed is tried again. */
  readonly retry: pulumi.Output<OutputRetryState>;
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle: pulumi.Output<OutputThrottleState>;
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order: pulumi.Output<OutputOrderState>;
  /** Tree of rules that a webhook must pass to be delivered: `and`, `or`, `not` and `match` (docs/rules.md). Others are rejected for this output. */
  readonly rules: pulumi.Output<unknown | undefined>;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents: pulumi.Output<OutputAgents>;
  /** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
  readonly tls: pulumi.Output<OutputTlsState | undefined>;
  /** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
  readonly authentication: pulumi.Output<OutputAuthenticationState | undefined>;
  /** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
  readonly signing: pulumi.Output<OutputSigningState | undefined>;
  /** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
  readonly timeouts: pulumi.Output<OutputTimeoutsState | undefined>;
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function: pulumi.Output<string>;
  /** Id or name of the function that runs when a delivery is over, and sees what the destination answered; it changes nothing of it; in a manifest its name. */
  readonly responseFunction: pulumi.Output<string>;
  constructor(name: string, args: OutputArgs, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of Output. */
export interface OutputArgs {
  /** Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it. */
  readonly bucket: pulumi.Input<string>;
  /** Name of the output, unique in its bucket. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Text for people. */
  readonly description?: pulumi.Input<string> | undefined;
  /** Absolute http or https URL. Who calls it, an agent or the server, must be able to reach it. Of a public output, path and query may have places to fill in: `{{ webhook.id }}`. */
  readonly destination: pulumi.Input<string>;
  /** Whether an agent calls the destination, in its own network. With `false` the server calls it, on the Internet. */
  readonly internal?: pulumi.Input<boolean> | undefined;
  /** Whether the output gets nothing. */
  readonly disabled?: pulumi.Input<boolean> | undefined;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lockPath?: pulumi.Input<boolean> | undefined;
  /** Fields that the call carries instead of those of the webhook: each name with its values. Of a public output, values may have places to fill in. */
  readonly headers?: pulumi.Input<{ readonly [name: string]: pulumi.Input<readonly pulumi.Input<string>[]> }> | undefined;
  /** How long a call may take; 0 is the default of who calls: 30 seconds. In seconds. From 0 to 180. */
  readonly timeout?: pulumi.Input<number> | undefined;
  /** Whether the certificate of a public destination must be valid. */
  readonly tlsVerification?: pulumi.Input<boolean> | undefined;
  /** When a delivery that failed is tried again. */
  readonly retry?: pulumi.Input<OutputRetry> | undefined;
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle?: pulumi.Input<OutputThrottle> | undefined;
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order?: pulumi.Input<OutputOrder> | undefined;
  /** Tree of rules that a webhook must pass to be delivered: `and`, `or`, `not` and `match` (docs/rules.md). Others are rejected for this output. */
  readonly rules?: pulumi.Input<unknown> | undefined;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents?: pulumi.Input<OutputAgents> | undefined;
  /** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
  readonly tls?: pulumi.Input<OutputTls> | undefined;
  /** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
  readonly authentication?: pulumi.Input<OutputAuthentication> | undefined;
  /** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
  readonly signing?: pulumi.Input<OutputSigning> | undefined;
  /** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
  readonly timeouts?: pulumi.Input<OutputTimeouts> | undefined;
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function?: pulumi.Input<string> | undefined;
  /** Id or name of the function that runs when a delivery is over, and sees what the destination answered; it changes nothing of it; in a manifest its name. */
  readonly responseFunction?: pulumi.Input<string> | undefined;
}

/** A cron sends webhooks into its bucket by a schedule. */
export declare class Cron extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Cron;
  static isInstance(value: unknown): value is Cron;
  /** Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it. */
  readonly bucket: pulumi.Output<string>;
  /** Id of the bucket it belongs to. */
  readonly bucketId: pulumi.Output<string>;
  /** Name of the cron, unique in its bucket. */
  readonly name: pulumi.Output<string>;
  /** Text for people. */
  readonly description: pulumi.Output<string>;
  /** Whether it runs. */
  readonly enabled: pulumi.Output<boolean>;
  /** When it runs: five fields (minute, hour, day of the month, month, day of the week), a word such as `@daily`, or `@every` with a duration from `1s` to `31d`, such as `@every 10m`. */
  readonly schedule: pulumi.Output<string>;
  /** IANA time zone in which the fields are read. */
  readonly timezone: pulumi.Output<string>;
  /** Whether it runs again and again; false: once. */
  readonly recurring: pulumi.Output<boolean>;
  /** It does not run before this time (RFC 3339); empty: from now on. Durations of `@every` are counted from it, else from 1970-01-01T00:00:00Z. */
  readonly startsAt: pulumi.Output<string>;
  /** It does not run after this time (RFC 3339); empty: for ever. */
  readonly endsAt: pulumi.Output<string>;
  /** How late a run may start. One that could not start in this time, because no server ran, was missed. In seconds. From 1 to 3600. */
  readonly startWithin: pulumi.Output<number>;
  /** What becomes of missed runs: `skip` leaves them out; `once` makes one run for all of them as soon as a server runs. */
  readonly missed: pulumi.Output<CronMissed>;
  /** Method of the webhook. */
  readonly method: pulumi.Output<CronMethod>;
  /** What stands behind the input's address in a webhook that a sender posts: a path, and a query if there is one. */
  readonly path: pulumi.Output<string>;
  /** Fields of the webhook: each name with its values. Without a `Content-Type`, a payload is sent as `application/json` when it is JSON, else as `text/plain`. */
  readonly headers: pulumi.Output<{ readonly [name: string]: readonly string[] }>;
  /** Body of the webhook. */
  readonly payload: pulumi.Output<string>;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it or stop it; in a manifest its name. */
  readonly function: pulumi.Output<string>;
  constructor(name: string, args: CronArgs, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of Cron. */
export interface CronArgs {
  /** Id or name of the bucket it belongs to. Refer to the id, so that renaming the bucket does not replace what is in it. */
  readonly bucket: pulumi.Input<string>;
  /** Name of the cron, unique in its bucket. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Text for people. */
  readonly description?: pulumi.Input<string> | undefined;
  /** Whether it runs. */
  readonly enabled?: pulumi.Input<boolean> | undefined;
  /** When it runs: five fields (minute, hour, day of the month, month, day of the week), a word such as `@daily`, or `@every` with a duration from `1s` to `31d`, such as `@every 10m`. */
  readonly schedule: pulumi.Input<string>;
  /** IANA time zone in which the fields are read. */
  readonly timezone?: pulumi.Input<string> | undefined;
  /** Whether it runs again and again; false: once. */
  readonly recurring?: pulumi.Input<boolean> | undefined;
  /** It does not run before this time (RFC 3339); empty: from now on. Durations of `@every` are counted from it, else from 1970-01-01T00:00:00Z. */
  readonly startsAt?: pulumi.Input<string> | undefined;
  /** It does not run after this time (RFC 3339); empty: for ever. */
  readonly endsAt?: pulumi.Input<string> | undefined;
  /** How late a run may start. One that could not start in this time, because no server ran, was missed. In seconds. From 1 to 3600. */
  readonly startWithin?: pulumi.Input<number> | undefined;
  /** What becomes of missed runs: `skip` leaves them out; `once` makes one run for all of them as soon as a server runs. */
  readonly missed?: pulumi.Input<CronMissed> | undefined;
  /** Method of the webhook. */
  readonly method?: pulumi.Input<CronMethod> | undefined;
  /** What stands behind the input's address in a webhook that a sender posts: a path, and a query if there is one. */
  readonly path?: pulumi.Input<string> | undefined;
  /** Fields of the webhook: each name with its values. Without a `Content-Type`, a payload is sent as `application/json` when it is JSON, else as `text/plain`. */
  readonly headers?: pulumi.Input<{ readonly [name: string]: pulumi.Input<readonly pulumi.Input<string>[]> }> | undefined;
  /** Body of the webhook. */
  readonly payload?: pulumi.Input<string> | undefined;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it or stop it; in a manifest its name. */
  readonly function?: pulumi.Input<string> | undefined;
}

/** A token is what agents and clients of the API log in with: a key, which is its id, and a secret. */
export declare class Token extends pulumi.CustomResource {
  /** One that exists and is managed elsewhere, by its id or name. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Token;
  static isInstance(value: unknown): value is Token;
  /** Name of the token, unique on the server. */
  readonly name: pulumi.Output<string>;
  /** Text for people. */
  readonly description: pulumi.Output<string>;
  /** Whether the token opens anything. */
  readonly active: pulumi.Output<boolean>;
  /** Whether the token may use the management API. Agents need no such right. (`POST /v1/tokens` without it means `enabled`, for existing clients.) */
  readonly apiAccess: pulumi.Output<TokenApiAccess>;
  /** What the token may use. */
  readonly scopes: pulumi.Output<TokenScopesState>;
  /** When the token ends; 0 is never. In Unix seconds. */
  readonly expiresAt: pulumi.Output<number>;
  /** The secret that the server made. Told once; of an imported token, or one with a secret of your own, there is none. */
  readonly secret: pulumi.Output<string | undefined>;
  /** Any change in it gives the token a new secret. Not known to the server. */
  readonly rotationTrigger: pulumi.Output<{ readonly [name: string]: string }>;
  /** How long the secret before stays valid after a rotation; 0 ends it at once. In seconds. From 0 to 2592000. Not known to the server. */
  readonly rotationGrace: pulumi.Output<number>;
  constructor(name: string, args?: TokenArgs, opts?: pulumi.CustomResourceOptions);
}

/** Arguments of Token. */
export interface TokenArgs {
  /** Name of the token, unique on the server. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Text for people. */
  readonly description?: pulumi.Input<string> | undefined;
  /** Whether the token opens anything. */
  readonly active?: pulumi.Input<boolean> | undefined;
  /** Whether the token may use the management API. Agents need no such right. (`POST /v1/tokens` without it means `enabled`, for existing clients.) */
  readonly apiAccess?: pulumi.Input<TokenApiAccess> | undefined;
  /** What the token may use. */
  readonly scopes?: pulumi.Input<TokenScopes> | undefined;
  /** When the token ends; 0 is never. In Unix seconds. */
  readonly expiresAt?: pulumi.Input<number> | undefined;
  /** A secret of your own, 32 characters or more and at most 72 bytes, instead of one that the server makes. Kept as a bcrypt hash. */
  readonly ownSecret?: pulumi.Input<string> | undefined;
  /** Any change in it gives the token a new secret. Not known to the server. */
  readonly rotationTrigger?: pulumi.Input<{ readonly [name: string]: pulumi.Input<string> }> | undefined;
  /** How long the secret before stays valid after a rotation; 0 ends it at once. In seconds. From 0 to 2592000. Not known to the server. */
  readonly rotationGrace?: pulumi.Input<number> | undefined;
}

/** A bucket with its inputs and outputs. */
export declare function getBucket(args: GetBucketArgs, opts?: pulumi.InvokeOptions): Promise<GetBucketResult>;
/** A bucket with its inputs and outputs. */
export declare function getBucketOutput(args: GetBucketOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetBucketResult>;
export interface GetBucketArgs {
  /** Name or id of the bucket. */
  readonly name: string;
}
export interface GetBucketOutputArgs {
  /** Name or id of the bucket. */
  readonly name: pulumi.Input<string>;
}
export interface GetBucketResult {
  /** Id that the server gave it. */
  readonly id: string;
  /** Name or id of the bucket. */
  readonly name: string;
  /** Text for people. */
  readonly description: string;
  /** What senders must show to be let in. */
  readonly auth: GetBucketAuth;
  /** Whether webhooks are streamed to agents. */
  readonly stream: boolean;
  /** Whether webhooks are kept in memory only: never stored, lost when the server ends, not to be re-sent. */
  readonly ephemeral: boolean;
  /** Whether bodies beyond the usual limit are taken. */
  readonly largeWebhooks: boolean;
  /** Who manages it: `manifest/<name>`, `terraform`, `pulumi`, or empty for people. */
  readonly managedBy: string;
  /** Its inputs, in the order they were made. */
  readonly inputs: readonly GetBucketInputs[];
  /** Its outputs, in the order they were made. */
  readonly outputs: readonly GetBucketOutputs[];
}

/** An input, found by the names of its bucket and its own. */
export declare function getInput(args: GetInputArgs, opts?: pulumi.InvokeOptions): Promise<GetInputResult>;
/** An input, found by the names of its bucket and its own. */
export declare function getInputOutput(args: GetInputOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetInputResult>;
export interface GetInputArgs {
  /** Name or id of the bucket. */
  readonly bucket: string;
  /** Name or id of the input. */
  readonly name: string;
}
export interface GetInputOutputArgs {
  /** Name or id of the bucket. */
  readonly bucket: pulumi.Input<string>;
  /** Name or id of the input. */
  readonly name: pulumi.Input<string>;
}
export interface GetInputResult {
  /** Id that the server gave it. */
  readonly id: string;
  /** Name or id of the bucket. */
  readonly bucket: string;
  /** Id of the bucket it belongs to. */
  readonly bucketId: string;
  /** Name or id of the input. */
  readonly name: string;
  /** Text for people. */
  readonly description: string;
  /** Status of the answer, from 200 to 599; 0 answers as 200. */
  readonly statusCode: number;
  /** Fields of the answer: each name with its values. */
  readonly headers: { readonly [name: string]: readonly string[] };
  /** Body of the answer. */
  readonly body: string;
  /** Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`. */
  readonly responseFromOutput: string;
  /** With `response_from_output`: how long the sender waits; then it gets the input's own answer. In seconds. From 1 to 60. */
  readonly responseTimeout: number;
  /** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
  readonly verification: GetInputVerification;
  /** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
  readonly deduplication: GetInputDeduplication;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function: string;
  /** Address that senders post to. */
  readonly url: string;
}

/** All tokens, without their secrets. */
export declare function getTokens(opts?: pulumi.InvokeOptions): Promise<GetTokensResult>;
/** All tokens, without their secrets. */
export declare function getTokensOutput(opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetTokensResult>;
export interface GetTokensResult {
  /** The tokens, in the order they were made. */
  readonly tokens: readonly GetTokensTokens[];
}

/** The server that the provider talks to. */
export declare function getServer(opts?: pulumi.InvokeOptions): Promise<GetServerResult>;
/** The server that the provider talks to. */
export declare function getServerOutput(opts?: pulumi.InvokeOutputOptions): pulumi.Output<GetServerResult>;
export interface GetServerResult {
  /** Version of the server. */
  readonly version: string;
  /** Base of the addresses that senders post to, without a slash at the end. */
  readonly publicUrl: string;
}

/** The address that senders post to, of an input on a server. */
export declare function inputUrl(args: InputUrlArgs, opts?: pulumi.InvokeOptions): Promise<InputUrlResult>;
/** The address that senders post to, of an input on a server. */
export declare function inputUrlOutput(args: InputUrlOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<InputUrlResult>;
export interface InputUrlArgs {
  /** Base address of the server, for example `https://hooks.example.com`. */
  readonly publicUrl: string;
  /** Id of the input. */
  readonly inputId: string;
}
export interface InputUrlOutputArgs {
  /** Base address of the server, for example `https://hooks.example.com`. */
  readonly publicUrl: pulumi.Input<string>;
  /** Id of the input. */
  readonly inputId: pulumi.Input<string>;
}
export interface InputUrlResult {
  /** The address that senders post to, of an input on a server. */
  readonly result: string;
}

/** The tree of rules in a JSON text, for the attribute `rules` of an output. Fails with the place of what is wrong. */
export declare function parseOutputRules(args: ParseOutputRulesArgs, opts?: pulumi.InvokeOptions): Promise<ParseOutputRulesResult>;
/** The tree of rules in a JSON text, for the attribute `rules` of an output. Fails with the place of what is wrong. */
export declare function parseOutputRulesOutput(args: ParseOutputRulesOutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<ParseOutputRulesResult>;
export interface ParseOutputRulesArgs {
  /** JSON of a tree of rules, for example the content of a file. */
  readonly json: string;
}
export interface ParseOutputRulesOutputArgs {
  /** JSON of a tree of rules, for example the content of a file. */
  readonly json: pulumi.Input<string>;
}
export interface ParseOutputRulesResult {
  /** The tree of rules in a JSON text, for the attribute `rules` of an output. Fails with the place of what is wrong. */
  readonly result: unknown;
}

/** What senders must show to be let in. */
export interface BucketAuth {
  /** `none`; `basic`: user name and password (RFC 7617); `token`: a bearer token (RFC 6750). */
  readonly type?: pulumi.Input<BucketAuthType> | undefined;
  /** User name for `basic`. */
  readonly username?: pulumi.Input<string> | undefined;
  /** Password for `basic`, at most 72 bytes. Kept as a bcrypt hash. */
  readonly password?: pulumi.Input<string> | undefined;
  /** Bearer token for `token`, at most 72 bytes. Kept as a bcrypt hash. */
  readonly token?: pulumi.Input<string> | undefined;
}

export type BucketAuthType = "none" | "basic" | "token";

/** What senders must show to be let in. */
export interface BucketAuthState {
  /** `none`; `basic`: user name and password (RFC 7617); `token`: a bearer token (RFC 6750). */
  readonly type: BucketAuthType;
  /** User name for `basic`. */
  readonly username: string;
}

export type FunctionDriver = "js" | "lua";

/** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
export interface InputVerification {
  /** `none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC. */
  readonly type?: pulumi.Input<InputVerificationType> | undefined;
  /** The secret that the sender signs with. Kept encrypted. */
  readonly secret?: pulumi.Input<string> | undefined;
  /** A second secret that is good too, while the sender changes from one to the other. Kept encrypted. */
  readonly previousSecret?: pulumi.Input<string> | undefined;
  /** When `previous_secret` ceases to be good. Without it, it is good as long as it is there. In Unix seconds. */
  readonly previousSecretUntil?: pulumi.Input<number> | undefined;
  /** How far the signed time may be from now, for schemes that sign one; 300 without it. In seconds. From 1 to 86400. */
  readonly tolerance?: pulumi.Input<number> | undefined;
  /** For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input. */
  readonly url?: pulumi.Input<string> | undefined;
  /** For `hmac`: the hash; `sha256` without it. */
  readonly algorithm?: pulumi.Input<InputVerificationAlgorithm> | undefined;
  /** For `hmac`: how the signature is written; `hex` without it. */
  readonly encoding?: pulumi.Input<InputVerificationEncoding> | undefined;
  /** For `hmac`: the field that holds the signature. */
  readonly header?: pulumi.Input<string> | undefined;
  /** For `hmac`: what stands before the signature in its field. */
  readonly prefix?: pulumi.Input<string> | undefined;
  /** For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds. */
  readonly timestampHeader?: pulumi.Input<string> | undefined;
  /** For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it. */
  readonly signedContent?: pulumi.Input<string> | undefined;
}

export type InputVerificationType = "none" | "github" | "stripe" | "slack" | "shopify" | "twilio" | "standard-webhooks" | "hmac";

export type InputVerificationAlgorithm = "sha1" | "sha256" | "sha512";

export type InputVerificationEncoding = "hex" | "base64";

/** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
export interface InputDeduplication {
  /** What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered. */
  readonly by?: pulumi.Input<InputDeduplicationBy> | undefined;
  /** Name of the header, or the dotted path in the body. */
  readonly name?: pulumi.Input<string> | undefined;
  /** Seconds for which the first one is remembered, at most 7 days. From 1 to 604800. */
  readonly window?: pulumi.Input<number> | undefined;
}

export type InputDeduplicationBy = "none" | "header" | "payload" | "body";

/** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
export interface InputVerificationState {
  /** `none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC. */
  readonly type: InputVerificationType;
  /** When `previous_secret` ceases to be good. Without it, it is good as long as it is there. In Unix seconds. */
  readonly previousSecretUntil?: number | undefined;
  /** How far the signed time may be from now, for schemes that sign one; 300 without it. In seconds. From 1 to 86400. */
  readonly tolerance?: number | undefined;
  /** For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input. */
  readonly url?: string | undefined;
  /** For `hmac`: the hash; `sha256` without it. */
  readonly algorithm?: InputVerificationAlgorithm | undefined;
  /** For `hmac`: how the signature is written; `hex` without it. */
  readonly encoding?: InputVerificationEncoding | undefined;
  /** For `hmac`: the field that holds the signature. */
  readonly header?: string | undefined;
  /** For `hmac`: what stands before the signature in its field. */
  readonly prefix?: string | undefined;
  /** For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds. */
  readonly timestampHeader?: string | undefined;
  /** For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it. */
  readonly signedContent?: string | undefined;
}

/** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
export interface InputDeduplicationState {
  /** What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered. */
  readonly by: InputDeduplicationBy;
  /** Name of the header, or the dotted path in the body. */
  readonly name: string;
  /** Seconds for which the first one is remembered, at most 7 days. From 1 to 604800. */
  readonly window: number;
}

/** When a delivery that failed is tried again. */
export interface OutputRetry {
  /** `default`: a public destination is tried again for a day, after 5 s, 10 s, 20 s and so on up to once an hour; an internal one as often as its agent does. `seconds` (about 26 minutes), `medium` (16 hours) and `long` (30 days) are lists of growing delays; `custom` is the list `delays`; `none` tries once. */
  readonly schedule?: pulumi.Input<OutputRetrySchedule> | undefined;
  /** With `custom`: the time before each retry. */
  readonly delays?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** How long after it came a delivery ends, whatever the schedule says; empty is the schedule's own. */
  readonly deadline?: pulumi.Input<string> | undefined;
}

export type OutputRetrySchedule = "default" | "none" | "seconds" | "medium" | "long" | "custom";

/** How fast the destination is called; what comes faster waits, oldest first. */
export interface OutputThrottle {
  /** Most calls in an interval, over all servers; 0 is as many as there are. From 0 to 100000. */
  readonly rate?: pulumi.Input<number> | undefined;
  /** The interval of `rate`. */
  readonly interval?: pulumi.Input<OutputThrottleInterval> | undefined;
  /** Most calls at a time, over all servers; 0 is the server's own limit. From 0 to 1000. */
  readonly maxConcurrent?: pulumi.Input<number> | undefined;
}

export type OutputThrottleInterval = "second" | "minute" | "hour";

/** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
export interface OutputOrder {
  /** `output`: all of them one after the other. `header` and `payload`: those of one key, which is the value of a header or of a place in a JSON body. */
  readonly by?: pulumi.Input<OutputOrderBy> | undefined;
  /** Name of the header, or the dotted path in the body. Webhooks without it are one key of their own. */
  readonly name?: pulumi.Input<string> | undefined;
}

export type OutputOrderBy = "none" | "output" | "header" | "payload";

export type OutputAgents = "one" | "each";

/** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
export interface OutputTls {
  /** Authorities of the destination's certificate (PEM), in place of the public ones. */
  readonly ca?: pulumi.Input<string> | undefined;
  /** Name that the server asks for and that the certificate must have, in place of the URL's host. */
  readonly serverName?: pulumi.Input<string> | undefined;
  /** Certificate chain (PEM) by which the server shows who it is, with `client_key`. */
  readonly clientCertificate?: pulumi.Input<string> | undefined;
  /** Its private key (PEM). Kept encrypted, never shown. */
  readonly clientKey?: pulumi.Input<string> | undefined;
}

/** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
export interface OutputAuthentication {
  /** `basic`: user name and password (RFC 7617); `bearer`: a token (RFC 6750); `header`: a token in a field of its own. */
  readonly type: pulumi.Input<OutputAuthenticationType>;
  /** User name for `basic`. */
  readonly username?: pulumi.Input<string> | undefined;
  /** Password for `basic`. Kept encrypted, never shown. */
  readonly password?: pulumi.Input<string> | undefined;
  /** Token for `bearer` and `header`. Kept encrypted, never shown. */
  readonly token?: pulumi.Input<string> | undefined;
  /** Name of the field for `header`. */
  readonly header?: pulumi.Input<string> | undefined;
}

export type OutputAuthenticationType = "basic" | "bearer" | "header";

/** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
export interface OutputSigning {
  /** `standard-webhooks`: the fields webhook-id, webhook-timestamp, webhook-signature; `hmac`: a keyed hash of the body. */
  readonly type: pulumi.Input<OutputSigningType>;
  /** The key. For `standard-webhooks`, `whsec_` and base64. Kept encrypted, never shown. */
  readonly secret?: pulumi.Input<string> | undefined;
  /** The key before it, which signs as well while destinations change over; for `standard-webhooks`. Kept encrypted, never shown. */
  readonly previousSecret?: pulumi.Input<string> | undefined;
  /** Name of the field for `hmac`. */
  readonly header?: pulumi.Input<string> | undefined;
  /** What stands before the hash, for `hmac`. */
  readonly prefix?: pulumi.Input<string> | undefined;
  /** Hash function for `hmac`. */
  readonly algorithm?: pulumi.Input<OutputSigningAlgorithm> | undefined;
  /** How the hash is written, for `hmac`. */
  readonly encoding?: pulumi.Input<OutputSigningEncoding> | undefined;
}

export type OutputSigningType = "standard-webhooks" | "hmac";

export type OutputSigningAlgorithm = "sha1" | "sha256" | "sha512";

export type OutputSigningEncoding = "hex" | "base64";

/** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
export interface OutputTimeouts {
  /** Until the name is resolved; 5 by default. In seconds. From 0 to 180. */
  readonly dns?: pulumi.Input<number> | undefined;
  /** Until the connection stands; 10 by default. In seconds. From 0 to 180. */
  readonly connect?: pulumi.Input<number> | undefined;
  /** For the TLS handshake; 10 by default. In seconds. From 0 to 180. */
  readonly tls?: pulumi.Input<number> | undefined;
  /** From the request to the answer's header section; `timeout` by default. In seconds. From 0 to 180. */
  readonly headers?: pulumi.Input<number> | undefined;
  /** From there to the end of the answer; `timeout` by default. In seconds. From 0 to 180. */
  readonly body?: pulumi.Input<number> | undefined;
}

/** When a delivery that failed is tried again. */
export interface OutputRetryState {
  /** `default`: a public destination is tried again for a day, after 5 s, 10 s, 20 s and so on up to once an hour; an internal one as often as its agent does. `seconds` (about 26 minutes), `medium` (16 hours) and `long` (30 days) are lists of growing delays; `custom` is the list `delays`; `none` tries once. */
  readonly schedule: OutputRetrySchedule;
  /** With `custom`: the time before each retry. */
  readonly delays: readonly string[];
  /** How long after it came a delivery ends, whatever the schedule says; empty is the schedule's own. */
  readonly deadline: string;
}

/** How fast the destination is called; what comes faster waits, oldest first. */
export interface OutputThrottleState {
  /** Most calls in an interval, over all servers; 0 is as many as there are. From 0 to 100000. */
  readonly rate: number;
  /** The interval of `rate`. */
  readonly interval: OutputThrottleInterval;
  /** Most calls at a time, over all servers; 0 is the server's own limit. From 0 to 1000. */
  readonly maxConcurrent: number;
}

/** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
export interface OutputOrderState {
  /** `output`: all of them one after the other. `header` and `payload`: those of one key, which is the value of a header or of a place in a JSON body. */
  readonly by: OutputOrderBy;
  /** Name of the header, or the dotted path in the body. Webhooks without it are one key of their own. */
  readonly name: string;
}

/** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
export interface OutputTlsState {
  /** Authorities of the destination's certificate (PEM), in place of the public ones. */
  readonly ca: string;
  /** Name that the server asks for and that the certificate must have, in place of the URL's host. */
  readonly serverName: string;
  /** Certificate chain (PEM) by which the server shows who it is, with `client_key`. */
  readonly clientCertificate: string;
}

/** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
export interface OutputAuthenticationState {
  /** `basic`: user name and password (RFC 7617); `bearer`: a token (RFC 6750); `header`: a token in a field of its own. */
  readonly type: OutputAuthenticationType;
  /** User name for `basic`. */
  readonly username: string;
  /** Name of the field for `header`. */
  readonly header: string;
}

/** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
export interface OutputSigningState {
  /** `standard-webhooks`: the fields webhook-id, webhook-timestamp, webhook-signature; `hmac`: a keyed hash of the body. */
  readonly type: OutputSigningType;
  /** Name of the field for `hmac`. */
  readonly header: string;
  /** What stands before the hash, for `hmac`. */
  readonly prefix: string;
  /** Hash function for `hmac`. */
  readonly algorithm: OutputSigningAlgorithm;
  /** How the hash is written, for `hmac`. */
  readonly encoding: OutputSigningEncoding;
}

/** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
export interface OutputTimeoutsState {
  /** Until the name is resolved; 5 by default. In seconds. From 0 to 180. */
  readonly dns: number;
  /** Until the connection stands; 10 by default. In seconds. From 0 to 180. */
  readonly connect: number;
  /** For the TLS handshake; 10 by default. In seconds. From 0 to 180. */
  readonly tls: number;
  /** From the request to the answer's header section; `timeout` by default. In seconds. From 0 to 180. */
  readonly headers: number;
  /** From there to the end of the answer; `timeout` by default. In seconds. From 0 to 180. */
  readonly body: number;
}

export type CronMissed = "skip" | "once";

export type CronMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

export type TokenApiAccess = "enabled" | "disabled";

/** What the token may use. */
export interface TokenScopes {
  /** Names or ids of buckets; none means every bucket. */
  readonly buckets?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
  /** Names or ids of tunnels; none means every tunnel. */
  readonly tunnels?: pulumi.Input<readonly pulumi.Input<string>[]> | undefined;
}

/** What the token may use. */
export interface TokenScopesState {
  /** Names or ids of buckets; none means every bucket. */
  readonly buckets: readonly string[];
  /** Names or ids of tunnels; none means every tunnel. */
  readonly tunnels: readonly string[];
}

/** What senders must show to be let in. */
export interface GetBucketAuth {
  /** `none`; `basic`: user name and password (RFC 7617); `token`: a bearer token (RFC 6750). */
  readonly type: GetBucketAuthType;
  /** User name for `basic`. */
  readonly username: string;
}

export type GetBucketAuthType = "none" | "basic" | "token";

/** Its inputs, in the order they were made. */
export interface GetBucketInputs {
  /** Id that the server gave it. */
  readonly id: string;
  /** Id of the bucket it belongs to. */
  readonly bucketId: string;
  /** Name of the input, unique in its bucket. */
  readonly name: string;
  /** Text for people. */
  readonly description: string;
  /** Status of the answer, from 200 to 599; 0 answers as 200. */
  readonly statusCode: number;
  /** Fields of the answer: each name with its values. */
  readonly headers: { readonly [name: string]: readonly string[] };
  /** Body of the answer. */
  readonly body: string;
  /** Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`. */
  readonly responseFromOutput: string;
  /** With `response_from_output`: how long the sender waits; then it gets the input's own answer. In seconds. From 1 to 60. */
  readonly responseTimeout: number;
  /** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
  readonly verification: GetBucketInputsVerification;
  /** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
  readonly deduplication: GetBucketInputsDeduplication;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function: string;
  /** Address that senders post to. */
  readonly url: string;
}

/** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
export interface GetBucketInputsVerification {
  /** `none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC. */
  readonly type: GetBucketInputsVerificationType;
  /** When `previous_secret` ceases to be good. Without it, it is good as long as it is there. In Unix seconds. */
  readonly previousSecretUntil: number;
  /** How far the signed time may be from now, for schemes that sign one; 300 without it. In seconds. From 1 to 86400. */
  readonly tolerance: number;
  /** For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input. */
  readonly url: string;
  /** For `hmac`: the hash; `sha256` without it. */
  readonly algorithm: GetBucketInputsVerificationAlgorithm;
  /** For `hmac`: how the signature is written; `hex` without it. */
  readonly encoding: GetBucketInputsVerificationEncoding;
  /** For `hmac`: the field that holds the signature. */
  readonly header: string;
  /** For `hmac`: what stands before the signature in its field. */
  readonly prefix: string;
  /** For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds. */
  readonly timestampHeader: string;
  /** For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it. */
  readonly signedContent: string;
}

export type GetBucketInputsVerificationType = "none" | "github" | "stripe" | "slack" | "shopify" | "twilio" | "standard-webhooks" | "hmac";

export type GetBucketInputsVerificationAlgorithm = "sha1" | "sha256" | "sha512";

export type GetBucketInputsVerificationEncoding = "hex" | "base64";

/** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
export interface GetBucketInputsDeduplication {
  /** What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered. */
  readonly by: GetBucketInputsDeduplicationBy;
  /** Name of the header, or the dotted path in the body. */
  readonly name: string;
  /** Seconds for which the first one is remembered, at most 7 days. From 1 to 604800. */
  readonly window: number;
}

export type GetBucketInputsDeduplicationBy = "none" | "header" | "payload" | "body";

/** Its outputs, in the order they were made. */
export interface GetBucketOutputs {
  /** Id that the server gave it. */
  readonly id: string;
  /** Id of the bucket it belongs to. */
  readonly bucketId: string;
  /** Name of the output, unique in its bucket. */
  readonly name: string;
  /** Text for people. */
  readonly description: string;
  /** Absolute http or https URL. Who calls it, an agent or the server, must be able to reach it. Of a public output, path and query may have places to fill in: `{{ webhook.id }}`. */
  readonly destination: string;
  /** Whether an agent calls the destination, in its own network. With `false` the server calls it, on the Internet. */
  readonly internal: boolean;
  /** Whether the output gets nothing. */
  readonly disabled: boolean;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lockPath: boolean;
  /** Fields that the call carries instead of those of the webhook: each name with its values. Of a public output, values may have places to fill in. */
  readonly headers: { readonly [name: string]: readonly string[] };
  /** How long a call may take; 0 is the default of who calls: 30 seconds. In seconds. From 0 to 180. */
  readonly timeout: number;
  /** Whether the certificate of a public destination must be valid. */
  readonly tlsVerification: boolean;
  /** When a delivery that failed is tried again. */
  readonly retry: GetBucketOutputsRetry;
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle: GetBucketOutputsThrottle;
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order: GetBucketOutputsOrder;
  /** Tree of rules that a webhook must pass to be delivered: `and`, `or`, `not` and `match` (docs/rules.md). Others are rejected for this output. */
  readonly rules: unknown;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents: GetBucketOutputsAgents;
  /** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
  readonly tls: GetBucketOutputsTls;
  /** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
  readonly authentication: GetBucketOutputsAuthentication;
  /** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
  readonly signing: GetBucketOutputsSigning;
  /** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
  readonly timeouts: GetBucketOutputsTimeouts;
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function: string;
  /** Id or name of the function that runs when a delivery is over, and sees what the destination answered; it changes nothing of it; in a manifest its name. */
  readonly responseFunction: string;
}

/** When a delivery that failed is tried again. */
export interface GetBucketOutputsRetry {
  /** `default`: a public destination is tried again for a day, after 5 s, 10 s, 20 s and so on up to once an hour; an internal one as often as its agent does. `seconds` (about 26 minutes), `medium` (16 hours) and `long` (30 days) are lists of growing delays; `custom` is the list `delays`; `none` tries once. */
  readonly schedule: GetBucketOutputsRetrySchedule;
  /** With `custom`: the time before each retry. */
  readonly delays: readonly string[];
  /** How long after it came a delivery ends, whatever the schedule says; empty is the schedule's own. */
  readonly deadline: string;
}

export type GetBucketOutputsRetrySchedule = "default" | "none" | "seconds" | "medium" | "long" | "custom";

/** How fast the destination is called; what comes faster waits, oldest first. */
export interface GetBucketOutputsThrottle {
  /** Most calls in an interval, over all servers; 0 is as many as there are. From 0 to 100000. */
  readonly rate: number;
  /** The interval of `rate`. */
  readonly interval: GetBucketOutputsThrottleInterval;
  /** Most calls at a time, over all servers; 0 is the server's own limit. From 0 to 1000. */
  readonly maxConcurrent: number;
}

export type GetBucketOutputsThrottleInterval = "second" | "minute" | "hour";

/** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
export interface GetBucketOutputsOrder {
  /** `output`: all of them one after the other. `header` and `payload`: those of one key, which is the value of a header or of a place in a JSON body. */
  readonly by: GetBucketOutputsOrderBy;
  /** Name of the header, or the dotted path in the body. Webhooks without it are one key of their own. */
  readonly name: string;
}

export type GetBucketOutputsOrderBy = "none" | "output" | "header" | "payload";

export type GetBucketOutputsAgents = "one" | "each";

/** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
export interface GetBucketOutputsTls {
  /** Authorities of the destination's certificate (PEM), in place of the public ones. */
  readonly ca: string;
  /** Name that the server asks for and that the certificate must have, in place of the URL's host. */
  readonly serverName: string;
  /** Certificate chain (PEM) by which the server shows who it is, with `client_key`. */
  readonly clientCertificate: string;
}

/** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
export interface GetBucketOutputsAuthentication {
  /** `basic`: user name and password (RFC 7617); `bearer`: a token (RFC 6750); `header`: a token in a field of its own. */
  readonly type: GetBucketOutputsAuthenticationType;
  /** User name for `basic`. */
  readonly username: string;
  /** Name of the field for `header`. */
  readonly header: string;
}

export type GetBucketOutputsAuthenticationType = "basic" | "bearer" | "header";

/** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
export interface GetBucketOutputsSigning {
  /** `standard-webhooks`: the fields webhook-id, webhook-timestamp, webhook-signature; `hmac`: a keyed hash of the body. */
  readonly type: GetBucketOutputsSigningType;
  /** Name of the field for `hmac`. */
  readonly header: string;
  /** What stands before the hash, for `hmac`. */
  readonly prefix: string;
  /** Hash function for `hmac`. */
  readonly algorithm: GetBucketOutputsSigningAlgorithm;
  /** How the hash is written, for `hmac`. */
  readonly encoding: GetBucketOutputsSigningEncoding;
}

export type GetBucketOutputsSigningType = "standard-webhooks" | "hmac";

export type GetBucketOutputsSigningAlgorithm = "sha1" | "sha256" | "sha512";

export type GetBucketOutputsSigningEncoding = "hex" | "base64";

/** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
export interface GetBucketOutputsTimeouts {
  /** Until the name is resolved; 5 by default. In seconds. From 0 to 180. */
  readonly dns: number;
  /** Until the connection stands; 10 by default. In seconds. From 0 to 180. */
  readonly connect: number;
  /** For the TLS handshake; 10 by default. In seconds. From 0 to 180. */
  readonly tls: number;
  /** From the request to the answer's header section; `timeout` by default. In seconds. From 0 to 180. */
  readonly headers: number;
  /** From there to the end of the answer; `timeout` by default. In seconds. From 0 to 180. */
  readonly body: number;
}

/** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
export interface GetInputVerification {
  /** `none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC. */
  readonly type: GetInputVerificationType;
  /** When `previous_secret` ceases to be good. Without it, it is good as long as it is there. In Unix seconds. */
  readonly previousSecretUntil: number;
  /** How far the signed time may be from now, for schemes that sign one; 300 without it. In seconds. From 1 to 86400. */
  readonly tolerance: number;
  /** For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input. */
  readonly url: string;
  /** For `hmac`: the hash; `sha256` without it. */
  readonly algorithm: GetInputVerificationAlgorithm;
  /** For `hmac`: how the signature is written; `hex` without it. */
  readonly encoding: GetInputVerificationEncoding;
  /** For `hmac`: the field that holds the signature. */
  readonly header: string;
  /** For `hmac`: what stands before the signature in its field. */
  readonly prefix: string;
  /** For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds. */
  readonly timestampHeader: string;
  /** For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it. */
  readonly signedContent: string;
}

export type GetInputVerificationType = "none" | "github" | "stripe" | "slack" | "shopify" | "twilio" | "standard-webhooks" | "hmac";

export type GetInputVerificationAlgorithm = "sha1" | "sha256" | "sha512";

export type GetInputVerificationEncoding = "hex" | "base64";

/** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
export interface GetInputDeduplication {
  /** What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered. */
  readonly by: GetInputDeduplicationBy;
  /** Name of the header, or the dotted path in the body. */
  readonly name: string;
  /** Seconds for which the first one is remembered, at most 7 days. From 1 to 604800. */
  readonly window: number;
}

export type GetInputDeduplicationBy = "none" | "header" | "payload" | "body";

/** The tokens, in the order they were made. */
export interface GetTokensTokens {
  /** The token's key. */
  readonly id: string;
  /** Name of the token, unique on the server. */
  readonly name: string;
  /** Text for people. */
  readonly description: string;
  /** Whether the token opens anything. */
  readonly active: boolean;
  /** Whether the token may use the management API. Agents need no such right. (`POST /v1/tokens` without it means `enabled`, for existing clients.) */
  readonly apiAccess: GetTokensTokensApiAccess;
  /** What the token may use. */
  readonly scopes: GetTokensTokensScopes;
  /** When the token ends; 0 is never. In Unix seconds. */
  readonly expiresAt: number;
}

export type GetTokensTokensApiAccess = "enabled" | "disabled";

/** What the token may use. */
export interface GetTokensTokensScopes {
  /** Names or ids of buckets; none means every bucket. */
  readonly buckets: readonly string[];
  /** Names or ids of tunnels; none means every tunnel. */
  readonly tunnels: readonly string[];
}

/** Settings of this package: `pulumi config set relay:…`. */
export declare const config: {
  /** Address of the server's management API. */
  readonly address: string | undefined;
  /** Key of a token that may use the management API. */
  readonly key: string | undefined;
  /** Secret of that token. */
  readonly secret: pulumi.Output<string> | undefined;
  /** PEM file of the authorities that sign the server's certificate, instead of the system's. */
  readonly caFile: string | undefined;
};

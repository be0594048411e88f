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
  /** Absolute http or https URL. The agent that calls it must be able to reach it. */
  readonly destination: pulumi.Output<string>;
  /** Whether an agent calls the destination. This version takes `true` only. */
  readonly internal: pulumi.Output<boolean>;
  /** Whether the output gets nothing. */
  readonly disabled: pulumi.Output<boolean>;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lockPath: pulumi.Output<boolean>;
  /** Fields that the call carries instead of those of the webhook: each name with its values. */
  readonly headers: pulumi.Output<{ readonly [name: string]: readonly string[] }>;
  /** How long a call may take; 0 is the agent's default. In seconds. From 0 to 180. */
  readonly timeout: pulumi.Output<number>;
  /** Whether the certificate of a public destination must be valid. */
  readonly tlsVerification: pulumi.Output<boolean>;
  /** When a delivery that failed is tried again. */
  readonly retry: pulumi.Output<OutputRetryState>;
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle: pulumi.Output<OutputThrottleState>;
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order: pulumi.Output<OutputOrderState>;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents: pulumi.Output<OutputAgents>;
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function: pulumi.Output<string>;
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
  /** Absolute http or https URL. The agent that calls it must be able to reach it. */
  readonly destination: pulumi.Input<string>;
  /** Whether an agent calls the destination. This version takes `true` only. */
  readonly internal?: pulumi.Input<boolean> | undefined;
  /** Whether the output gets nothing. */
  readonly disabled?: pulumi.Input<boolean> | undefined;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lockPath?: pulumi.Input<boolean> | undefined;
  /** Fields that the call carries instead of those of the webhook: each name with its values. */
  readonly headers?: pulumi.Input<{ readonly [name: string]: pulumi.Input<readonly pulumi.Input<string>[]> }> | undefined;
  /** How long a call may take; 0 is the agent's default. In seconds. From 0 to 180. */
  readonly timeout?: pulumi.Input<number> | undefined;
  /** Whether the certificate of a public destination must be valid. */
  readonly tlsVerification?: pulumi.Input<boolean> | undefined;
  /** When a delivery that failed is tried again. */
  readonly retry?: pulumi.Input<OutputRetry> | undefined;
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle?: pulumi.Input<OutputThrottle> | undefined;
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order?: pulumi.Input<OutputOrder> | undefined;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents?: pulumi.Input<OutputAgents> | undefined;
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
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
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function: string;
  /** Address that senders post to. */
  readonly url: string;
}

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
  /** Absolute http or https URL. The agent that calls it must be able to reach it. */
  readonly destination: string;
  /** Whether an agent calls the destination. This version takes `true` only. */
  readonly internal: boolean;
  /** Whether the output gets nothing. */
  readonly disabled: boolean;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lockPath: boolean;
  /** Fields that the call carries instead of those of the webhook: each name with its values. */
  readonly headers: { readonly [name: string]: readonly string[] };
  /** How long a call may take; 0 is the agent's default. In seconds. From 0 to 180. */
  readonly timeout: number;
  /** Whether the certificate of a public destination must be valid. */
  readonly tlsVerification: boolean;
  /** When a delivery that failed is tried again. */
  readonly retry: GetBucketOutputsRetry;
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle: GetBucketOutputsThrottle;
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order: GetBucketOutputsOrder;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents: GetBucketOutputsAgents;
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function: string;
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

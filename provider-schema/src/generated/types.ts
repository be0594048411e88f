// Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit.

/** Where a secret is found: in the environment, or in a file relative to the manifest. */
export type SecretReference = { readonly env: string } | { readonly file: string };

/** Body of POST and PUT of a bucket. Read-only and unknown fields are ignored. */
export interface BucketBody {
  /** Name of the bucket, unique on the server. */
  readonly name?: string;
  /** Text for people. */
  readonly description?: string;
  /** What senders must show to be let in. */
  readonly auth?: {
    /** `none`; `basic`: user name and password (RFC 7617); `token`: a bearer token (RFC 6750). */
    readonly type?: "none" | "basic" | "token";
    /** User name for `basic`. */
    readonly username?: string;
    /** Password for `basic`, at most 72 bytes. Kept as a bcrypt hash. */
    readonly password?: string;
    /** Bearer token for `token`, at most 72 bytes. Kept as a bcrypt hash. */
    readonly token?: string;
  };
  /** Whether webhooks are streamed to agents. */
  readonly stream?: boolean;
  /** Whether webhooks are kept in memory only: never stored, lost when the server ends, not to be re-sent. */
  readonly ephemeral?: boolean;
  /** Whether bodies beyond the usual limit are taken. */
  readonly large_webhooks?: boolean;
}

/** Body of POST and PUT of a function. Read-only and unknown fields are ignored. */
export interface FunctionBody {
  /** Name of the function, unique on the server. */
  readonly name?: string;
  /** Text for people. */
  readonly description?: string;
  /** Language of the source: `js` is JavaScript, `lua` is Lua. */
  readonly driver?: "js" | "lua";
  /** Source of the function, at most 262,144 bytes. */
  readonly payload?: string;
  /** What the function reads by `cfg.get(name)`: at most 100 texts by their name. Kept encrypted and never shown. Left out, the function keeps those it has; `{}` takes all away. */
  readonly variables?: { readonly [name: string]: string };
}

/** Body of POST and PUT of a input. Read-only and unknown fields are ignored. */
export interface InputBody {
  /** Name of the input, unique in its bucket. */
  readonly name?: string;
  /** Text for people. */
  readonly description?: string;
  /** Status of the answer, from 200 to 599; 0 answers as 200. */
  readonly status_code?: number;
  /** Fields of the answer: each name with its values. */
  readonly headers?: { readonly [name: string]: readonly string[] };
  /** Body of the answer. */
  readonly body?: string;
  /** Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`. */
  readonly response_from_output?: string;
  /** With `response_from_output`: how long the sender waits; then it gets the input's own answer. In seconds. */
  readonly response_timeout?: number;
  /** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
  readonly verification?: {
    /** `none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC. */
    readonly type?: "none" | "github" | "stripe" | "slack" | "shopify" | "twilio" | "standard-webhooks" | "hmac";
    /** The secret that the sender signs with. Kept encrypted. */
    readonly secret?: string;
    /** A second secret that is good too, while the sender changes from one to the other. Kept encrypted. */
    readonly previous_secret?: string;
    /** When `previous_secret` ceases to be good. Without it, it is good as long as it is there. In Unix seconds. */
    readonly previous_secret_until?: number;
    /** How far the signed time may be from now, for schemes that sign one; 300 without it. In seconds. */
    readonly tolerance?: number;
    /** For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input. */
    readonly url?: string;
    /** For `hmac`: the hash; `sha256` without it. */
    readonly algorithm?: "sha1" | "sha256" | "sha512";
    /** For `hmac`: how the signature is written; `hex` without it. */
    readonly encoding?: "hex" | "base64";
    /** For `hmac`: the field that holds the signature. */
    readonly header?: string;
    /** For `hmac`: what stands before the signature in its field. */
    readonly prefix?: string;
    /** For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds. */
    readonly timestamp_header?: string;
    /** For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it. */
    readonly signed_content?: string;
  };
  /** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
  readonly deduplication?: {
    /** What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered. */
    readonly by?: "none" | "header" | "payload" | "body";
    /** Name of the header, or the dotted path in the body. */
    readonly name?: string;
    /** Seconds for which the first one is remembered, at most 7 days. */
    readonly window?: number;
  };
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function?: string;
}

/** Body of POST and PUT of a output. Read-only and unknown fields are ignored. */
export interface OutputBody {
  /** Name of the output, unique in its bucket. */
  readonly name?: string;
  /** Text for people. */
  readonly description?: string;
  /** Absolute http or https URL. Who calls it, an agent or the server, must be able to reach it. Of a public output, path and query may have places to fill in: `{{ webhook.id }}`. */
  readonly destination?: string;
  /** Whether an agent calls the destination, in its own network. With `false` the server calls it, on the Internet. */
  readonly internal?: boolean;
  /** Whether the output gets nothing. */
  readonly disabled?: boolean;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lock_path?: boolean;
  /** Fields that the call carries instead of those of the webhook: each name with its values. Of a public output, values may have places to fill in. */
  readonly headers?: { readonly [name: string]: readonly string[] };
  /** How long a call may take; 0 is the default of who calls: 30 seconds. In seconds. */
  readonly timeout?: number;
  /** Whether the certificate of a public destination must be valid. */
  readonly tls_verification?: boolean;
  /** When a delivery that failed is tried again. */
  readonly retry?: {
    /** `default`: a public destination is tried again for a day, after 5 s, 10 s, 20 s and so on up to once an hour; an internal one as often as its agent does. `seconds` (about 26 minutes), `medium` (16 hours) and `long` (30 days) are lists of growing delays; `custom` is the list `delays`; `none` tries once. */
    readonly schedule?: "default" | "none" | "seconds" | "medium" | "long" | "custom";
    /** With `custom`: the time before each retry. */
    readonly delays?: readonly string[];
    /** How long after it came a delivery ends, whatever the schedule says; empty is the schedule's own. */
    readonly deadline?: string;
  };
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle?: {
    /** Most calls in an interval, over all servers; 0 is as many as there are. */
    readonly rate?: number;
    /** The interval of `rate`. */
    readonly interval?: "second" | "minute" | "hour";
    /** Most calls at a time, over all servers; 0 is the server's own limit. */
    readonly max_concurrent?: number;
  };
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order?: {
    /** `output`: all of them one after the other. `header` and `payload`: those of one key, which is the value of a header or of a place in a JSON body. */
    readonly by?: "none" | "output" | "header" | "payload";
    /** Name of the header, or the dotted path in the body. Webhooks without it are one key of their own. */
    readonly name?: string;
  };
  /** Tree of rules that a webhook must pass to be delivered: `and`, `or`, `not` and `match` (docs/rules.md). Others are rejected for this output. */
  readonly rules?: unknown;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents?: "one" | "each";
  /** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
  readonly tls?: {
    /** Authorities of the destination's certificate (PEM), in place of the public ones. */
    readonly ca?: string;
    /** Name that the server asks for and that the certificate must have, in place of the URL's host. */
    readonly server_name?: string;
    /** Certificate chain (PEM) by which the server shows who it is, with `client_key`. */
    readonly client_certificate?: string;
    /** Its private key (PEM). Kept encrypted, never shown. */
    readonly client_key?: string;
  };
  /** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
  readonly authentication?: {
    /** `basic`: user name and password (RFC 7617); `bearer`: a token (RFC 6750); `header`: a token in a field of its own. */
    readonly type?: "basic" | "bearer" | "header";
    /** User name for `basic`. */
    readonly username?: string;
    /** Password for `basic`. Kept encrypted, never shown. */
    readonly password?: string;
    /** Token for `bearer` and `header`. Kept encrypted, never shown. */
    readonly token?: string;
    /** Name of the field for `header`. */
    readonly header?: string;
  };
  /** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
  readonly signing?: {
    /** `standard-webhooks`: the fields webhook-id, webhook-timestamp, webhook-signature; `hmac`: a keyed hash of the body. */
    readonly type?: "standard-webhooks" | "hmac";
    /** The key. For `standard-webhooks`, `whsec_` and base64. Kept encrypted, never shown. */
    readonly secret?: string;
    /** The key before it, which signs as well while destinations change over; for `standard-webhooks`. Kept encrypted, never shown. */
    readonly previous_secret?: string;
    /** Name of the field for `hmac`. */
    readonly header?: string;
    /** What stands before the hash, for `hmac`. */
    readonly prefix?: string;
    /** Hash function for `hmac`. */
    readonly algorithm?: "sha1" | "sha256" | "sha512";
    /** How the hash is written, for `hmac`. */
    readonly encoding?: "hex" | "base64";
  };
  /** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
  readonly timeouts?: {
    /** Until the name is resolved; 5 by default. In seconds. */
    readonly dns?: number;
    /** Until the connection stands; 10 by default. In seconds. */
    readonly connect?: number;
    /** For the TLS handshake; 10 by default. In seconds. */
    readonly tls?: number;
    /** From the request to the answer's header section; `timeout` by default. In seconds. */
    readonly headers?: number;
    /** From there to the end of the answer; `timeout` by default. In seconds. */
    readonly body?: number;
  };
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function?: string;
  /** Id or name of the function that runs when a delivery is over, and sees what the destination answered; it changes nothing of it; in a manifest its name. */
  readonly response_function?: string;
}

/** Body of POST and PUT of a cron. Read-only and unknown fields are ignored. */
export interface CronBody {
  /** Name of the cron, unique in its bucket. */
  readonly name?: string;
  /** Text for people. */
  readonly description?: string;
  /** Whether it runs. */
  readonly enabled?: boolean;
  /** When it runs: five fields (minute, hour, day of the month, month, day of the week), a word such as `@daily`, or `@every` with a duration from `1s` to `31d`, such as `@every 10m`. */
  readonly schedule?: string;
  /** IANA time zone in which the fields are read. */
  readonly timezone?: string;
  /** Whether it runs again and again; false: once. */
  readonly recurring?: boolean;
  /** It does not run before this time (RFC 3339); empty: from now on. Durations of `@every` are counted from it, else from 1970-01-01T00:00:00Z. */
  readonly starts_at?: string;
  /** It does not run after this time (RFC 3339); empty: for ever. */
  readonly ends_at?: string;
  /** How late a run may start. One that could not start in this time, because no server ran, was missed. In seconds. */
  readonly start_within?: number;
  /** What becomes of missed runs: `skip` leaves them out; `once` makes one run for all of them as soon as a server runs. */
  readonly missed?: "skip" | "once";
  /** Method of the webhook. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** What stands behind the input's address in a webhook that a sender posts: a path, and a query if there is one. */
  readonly path?: string;
  /** Fields of the webhook: each name with its values. Without a `Content-Type`, a payload is sent as `application/json` when it is JSON, else as `text/plain`. */
  readonly headers?: { readonly [name: string]: readonly string[] };
  /** Body of the webhook. */
  readonly payload?: string;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it or stop it; in a manifest its name. */
  readonly function?: string;
}

/** Body of POST and PUT of a token. Read-only and unknown fields are ignored. */
export interface TokenBody {
  /** Name of the token, unique on the server. */
  readonly name?: string;
  /** Text for people. */
  readonly description?: string;
  /** Whether the token opens anything. */
  readonly active?: boolean;
  /** Whether the token may use the management API. Agents need no such right. (`POST /v1/tokens` without it means `enabled`, for existing clients.) */
  readonly api_access?: "enabled" | "disabled";
  /** What the token may use. */
  readonly scopes?: {
    /** Names or ids of buckets; none means every bucket. */
    readonly buckets?: readonly string[];
    /** Names or ids of tunnels; none means every tunnel. */
    readonly tunnels?: readonly string[];
  };
  /** When the token ends; 0 is never. In Unix seconds. */
  readonly expires_at?: number;
  /** A secret of your own, 32 characters or more and at most 72 bytes, instead of one that the server makes. Kept as a bcrypt hash. */
  readonly own_secret?: string;
}

/** A bucket groups inputs, which take webhooks, and outputs, which say where they go. In a manifest. */
export interface BucketDeclaration {
  /** Text for people. */
  readonly description?: string;
  /** What senders must show to be let in. */
  readonly auth?: {
    /** `none`; `basic`: user name and password (RFC 7617); `token`: a bearer token (RFC 6750). */
    readonly type?: "none" | "basic" | "token";
    /** User name for `basic`. */
    readonly username?: string;
    /** Password for `basic`, at most 72 bytes. Kept as a bcrypt hash. */
    readonly password?: SecretReference;
    /** Bearer token for `token`, at most 72 bytes. Kept as a bcrypt hash. */
    readonly token?: SecretReference;
  };
  /** Whether webhooks are streamed to agents. */
  readonly stream?: boolean;
  /** Whether webhooks are kept in memory only: never stored, lost when the server ends, not to be re-sent. */
  readonly ephemeral?: boolean;
  /** Whether bodies beyond the usual limit are taken. */
  readonly large_webhooks?: boolean;
  /** By name. */
  readonly inputs?: { readonly [name: string]: InputDeclaration | null };
  /** By name. */
  readonly outputs?: { readonly [name: string]: OutputDeclaration | null };
  /** By name. */
  readonly crons?: { readonly [name: string]: CronDeclaration | null };
}

/** A function is code that sees each webhook of the inputs and outputs that name it: it changes it, answers it or stops it. In a manifest. */
export interface FunctionDeclaration {
  /** Text for people. */
  readonly description?: string;
  /** Language of the source: `js` is JavaScript, `lua` is Lua. */
  readonly driver?: "js" | "lua";
  /** Source of the function, at most 262,144 bytes. */
  readonly payload: string;
  /** What the function reads by `cfg.get(name)`: at most 100 texts by their name. Kept encrypted and never shown. Left out, the function keeps those it has; `{}` takes all away. */
  readonly variables?: { readonly [name: string]: SecretReference };
}

/** An input is a public HTTP endpoint. What it takes goes to the outputs of its bucket. In a manifest. */
export interface InputDeclaration {
  /** Text for people. */
  readonly description?: string;
  /** Status of the answer, from 200 to 599; 0 answers as 200. */
  readonly status_code?: number;
  /** Fields of the answer: each name with its values. */
  readonly headers?: { readonly [name: string]: readonly string[] };
  /** Body of the answer. */
  readonly body?: string;
  /** Whose destination's answer the sender gets: name or id of an output of the bucket, or `anyOutput` for whoever answers first. Empty: nobody's, the sender is answered at once. See `docs/responses.md`. */
  readonly response_from_output?: string;
  /** With `response_from_output`: how long the sender waits; then it gets the input's own answer. In seconds. */
  readonly response_timeout?: number;
  /** Whose signatures webhooks must carry. Others are answered with 401 and not kept. See `docs/verification.md`. */
  readonly verification?: {
    /** `none`; the sender whose scheme it is; `standard-webhooks`; or `hmac` for any other HMAC. */
    readonly type?: "none" | "github" | "stripe" | "slack" | "shopify" | "twilio" | "standard-webhooks" | "hmac";
    /** The secret that the sender signs with. Kept encrypted. */
    readonly secret?: SecretReference;
    /** A second secret that is good too, while the sender changes from one to the other. Kept encrypted. */
    readonly previous_secret?: SecretReference;
    /** When `previous_secret` ceases to be good. Without it, it is good as long as it is there. In Unix seconds. */
    readonly previous_secret_until?: number;
    /** How far the signed time may be from now, for schemes that sign one; 300 without it. In seconds. */
    readonly tolerance?: number;
    /** For `twilio`: the input's address as Twilio has it, without query, where that is not `url` of the input. */
    readonly url?: string;
    /** For `hmac`: the hash; `sha256` without it. */
    readonly algorithm?: "sha1" | "sha256" | "sha512";
    /** For `hmac`: how the signature is written; `hex` without it. */
    readonly encoding?: "hex" | "base64";
    /** For `hmac`: the field that holds the signature. */
    readonly header?: string;
    /** For `hmac`: what stands before the signature in its field. */
    readonly prefix?: string;
    /** For `hmac`: the field that holds the signed time, in Unix seconds or milliseconds. */
    readonly timestamp_header?: string;
    /** For `hmac`: what is signed. `{body}`, or `{timestamp}.{body}` with a `timestamp_header`, without it. */
    readonly signed_content?: string;
  };
  /** Whether a webhook that comes again is delivered again. A repetition is answered as any other, kept, and rejected for all outputs. */
  readonly deduplication?: {
    /** What makes two webhooks the same: the value of a header, that of a place in a JSON body, or the whole body with method, path and query. Webhooks without it are all delivered. */
    readonly by?: "none" | "header" | "payload" | "body";
    /** Name of the header, or the dotted path in the body. */
    readonly name?: string;
    /** Seconds for which the first one is remembered, at most 7 days. */
    readonly window?: number;
  };
  /** Id or name of the function that sees each webhook before the outputs do: it may change it, answer it or stop it; in a manifest its name. */
  readonly function?: string;
}

/** An output says where the webhooks of its bucket go. In a manifest. */
export interface OutputDeclaration {
  /** Text for people. */
  readonly description?: string;
  /** Absolute http or https URL. Who calls it, an agent or the server, must be able to reach it. Of a public output, path and query may have places to fill in: `{{ webhook.id }}`. */
  readonly destination: string;
  /** Whether an agent calls the destination, in its own network. With `false` the server calls it, on the Internet. */
  readonly internal?: boolean;
  /** Whether the output gets nothing. */
  readonly disabled?: boolean;
  /** Whether the path behind the input's address is left out of the call. */
  readonly lock_path?: boolean;
  /** Fields that the call carries instead of those of the webhook: each name with its values. Of a public output, values may have places to fill in. */
  readonly headers?: { readonly [name: string]: readonly string[] };
  /** How long a call may take; 0 is the default of who calls: 30 seconds. In seconds. */
  readonly timeout?: number;
  /** Whether the certificate of a public destination must be valid. */
  readonly tls_verification?: boolean;
  /** When a delivery that failed is tried again. */
  readonly retry?: {
    /** `default`: a public destination is tried again for a day, after 5 s, 10 s, 20 s and so on up to once an hour; an internal one as often as its agent does. `seconds` (about 26 minutes), `medium` (16 hours) and `long` (30 days) are lists of growing delays; `custom` is the list `delays`; `none` tries once. */
    readonly schedule?: "default" | "none" | "seconds" | "medium" | "long" | "custom";
    /** With `custom`: the time before each retry. */
    readonly delays?: readonly string[];
    /** How long after it came a delivery ends, whatever the schedule says; empty is the schedule's own. */
    readonly deadline?: string;
  };
  /** How fast the destination is called; what comes faster waits, oldest first. */
  readonly throttle?: {
    /** Most calls in an interval, over all servers; 0 is as many as there are. */
    readonly rate?: number;
    /** The interval of `rate`. */
    readonly interval?: "second" | "minute" | "hour";
    /** Most calls at a time, over all servers; 0 is the server's own limit. */
    readonly max_concurrent?: number;
  };
  /** Whether deliveries keep the order in which their webhooks came: each waits for the one before it, also while that one is tried again. */
  readonly order?: {
    /** `output`: all of them one after the other. `header` and `payload`: those of one key, which is the value of a header or of a place in a JSON body. */
    readonly by?: "none" | "output" | "header" | "payload";
    /** Name of the header, or the dotted path in the body. Webhooks without it are one key of their own. */
    readonly name?: string;
  };
  /** Tree of rules that a webhook must pass to be delivered: `and`, `or`, `not` and `match` (docs/rules.md). Others are rejected for this output. */
  readonly rules?: unknown;
  /** Who gets a delivery: `one` of the connected agents, or `each` agent known by name. */
  readonly agents?: "one" | "each";
  /** How a public destination and the server know each other. Certificates are checked when `tls_verification` is true. */
  readonly tls?: {
    /** Authorities of the destination's certificate (PEM), in place of the public ones. */
    readonly ca?: string;
    /** Name that the server asks for and that the certificate must have, in place of the URL's host. */
    readonly server_name?: string;
    /** Certificate chain (PEM) by which the server shows who it is, with `client_key`. */
    readonly client_certificate?: string;
    /** Its private key (PEM). Kept encrypted, never shown. */
    readonly client_key?: SecretReference;
  };
  /** What the server shows a public destination to be let in, in place of what the sender's webhook carried. */
  readonly authentication?: {
    /** `basic`: user name and password (RFC 7617); `bearer`: a token (RFC 6750); `header`: a token in a field of its own. */
    readonly type: "basic" | "bearer" | "header";
    /** User name for `basic`. */
    readonly username?: string;
    /** Password for `basic`. Kept encrypted, never shown. */
    readonly password?: SecretReference;
    /** Token for `bearer` and `header`. Kept encrypted, never shown. */
    readonly token?: SecretReference;
    /** Name of the field for `header`. */
    readonly header?: string;
  };
  /** A signature by which a public destination can tell that a call comes from this relay and was not changed. */
  readonly signing?: {
    /** `standard-webhooks`: the fields webhook-id, webhook-timestamp, webhook-signature; `hmac`: a keyed hash of the body. */
    readonly type: "standard-webhooks" | "hmac";
    /** The key. For `standard-webhooks`, `whsec_` and base64. Kept encrypted, never shown. */
    readonly secret?: SecretReference;
    /** The key before it, which signs as well while destinations change over; for `standard-webhooks`. Kept encrypted, never shown. */
    readonly previous_secret?: SecretReference;
    /** Name of the field for `hmac`. */
    readonly header?: string;
    /** What stands before the hash, for `hmac`. */
    readonly prefix?: string;
    /** Hash function for `hmac`. */
    readonly algorithm?: "sha1" | "sha256" | "sha512";
    /** How the hash is written, for `hmac`. */
    readonly encoding?: "hex" | "base64";
  };
  /** How long each phase of a call to a public destination may take, all within `timeout`; 0 is the default. */
  readonly timeouts?: {
    /** Until the name is resolved; 5 by default. In seconds. */
    readonly dns?: number;
    /** Until the connection stands; 10 by default. In seconds. */
    readonly connect?: number;
    /** For the TLS handshake; 10 by default. In seconds. */
    readonly tls?: number;
    /** From the request to the answer's header section; `timeout` by default. In seconds. */
    readonly headers?: number;
    /** From there to the end of the answer; `timeout` by default. In seconds. */
    readonly body?: number;
  };
  /** Id or name of the function that sees each webhook on its way to this output alone: it may change it or stop it; in a manifest its name. */
  readonly function?: string;
  /** Id or name of the function that runs when a delivery is over, and sees what the destination answered; it changes nothing of it; in a manifest its name. */
  readonly response_function?: string;
}

/** A cron sends webhooks into its bucket by a schedule. In a manifest. */
export interface CronDeclaration {
  /** Text for people. */
  readonly description?: string;
  /** Whether it runs. */
  readonly enabled?: boolean;
  /** When it runs: five fields (minute, hour, day of the month, month, day of the week), a word such as `@daily`, or `@every` with a duration from `1s` to `31d`, such as `@every 10m`. */
  readonly schedule: string;
  /** IANA time zone in which the fields are read. */
  readonly timezone?: string;
  /** Whether it runs again and again; false: once. */
  readonly recurring?: boolean;
  /** It does not run before this time (RFC 3339); empty: from now on. Durations of `@every` are counted from it, else from 1970-01-01T00:00:00Z. */
  readonly starts_at?: string;
  /** It does not run after this time (RFC 3339); empty: for ever. */
  readonly ends_at?: string;
  /** How late a run may start. One that could not start in this time, because no server ran, was missed. In seconds. */
  readonly start_within?: number;
  /** What becomes of missed runs: `skip` leaves them out; `once` makes one run for all of them as soon as a server runs. */
  readonly missed?: "skip" | "once";
  /** Method of the webhook. */
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
  /** What stands behind the input's address in a webhook that a sender posts: a path, and a query if there is one. */
  readonly path?: string;
  /** Fields of the webhook: each name with its values. Without a `Content-Type`, a payload is sent as `application/json` when it is JSON, else as `text/plain`. */
  readonly headers?: { readonly [name: string]: readonly string[] };
  /** Body of the webhook. */
  readonly payload?: string;
  /** Id or name of the function that sees each webhook before the outputs do: it may change it or stop it; in a manifest its name. */
  readonly function?: string;
}

/** A token is what agents and clients of the API log in with: a key, which is its id, and a secret. In a manifest. */
export interface TokenDeclaration {
  /** Text for people. */
  readonly description?: string;
  /** Whether the token opens anything. */
  readonly active?: boolean;
  /** Whether the token may use the management API. Agents need no such right. (`POST /v1/tokens` without it means `enabled`, for existing clients.) */
  readonly api_access?: "enabled" | "disabled";
  /** What the token may use. */
  readonly scopes?: {
    /** Names or ids of buckets; none means every bucket. */
    readonly buckets?: readonly string[];
    /** Names or ids of tunnels; none means every tunnel. */
    readonly tunnels?: readonly string[];
  };
  /** When the token ends; 0 is never. In Unix seconds. */
  readonly expires_at?: number;
  /** A secret of your own, 32 characters or more and at most 72 bytes, instead of one that the server makes. Kept as a bcrypt hash. */
  readonly own_secret?: SecretReference;
}

/** What a manifest declares. */
export interface ManifestContent {
  /** By name. */
  readonly buckets?: { readonly [name: string]: BucketDeclaration | null };
  /** By name. */
  readonly functions?: { readonly [name: string]: FunctionDeclaration | null };
  /** By name. */
  readonly tokens?: { readonly [name: string]: TokenDeclaration | null };
}

/** A value or object that is null is taken out. */
export type Overlay<T> = { readonly [K in keyof T]?: T[K] extends object | null | undefined ? Overlay<NonNullable<T[K]>> | null : T[K] | null };

/** A manifest as people write it. */
export interface Manifest extends ManifestContent {
  /** Version of this format. */
  readonly manifest: 1;
  /** What it declares is managed under this name. */
  readonly name?: string;
  readonly environments?: { readonly [name: string]: Overlay<ManifestContent> };
}

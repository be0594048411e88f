// Made by `npm run generate` from provider-schema/src/schema.ts. Do not edit.

"use strict";

const pulumi = require("@pulumi/pulumi");

const VERSION = "0.1.0";

function options(opts, own) {
  return pulumi.mergeOptions({ version: VERSION, ...own }, opts ?? {});
}

function secret(value) {
  return value === undefined || value === null ? value : pulumi.secret(value);
}

/** Of an object that is not known yet, the provider makes the secrets secret. */
function withSecrets(value, names) {
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value) || value instanceof Promise) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, names.includes(name) ? secret(each) : each]));
}

function requireArguments(type, names, args, opts) {
  if (opts?.urn !== undefined) return;
  for (const name of names) {
    if (args?.[name] === undefined) throw new Error(`${type} needs the argument ${name}`);
  }
}

class Provider extends pulumi.ProviderResource {
  static __pulumiType = "relay";

  static isInstance(value) {
    return value?.__pulumiType === "pulumi:providers:relay";
  }

  constructor(name, args, opts) {
    super(
      Provider.__pulumiType,
      name,
      {
        address: args?.address,
        key: args?.key,
        secret: secret(args?.secret),
        caFile: args?.caFile,
      },
      options(opts, {}),
    );
  }
}
exports.Provider = Provider;

class Bucket extends pulumi.CustomResource {
  static __pulumiType = "relay:index:Bucket";

  static get(name, id, opts) {
    return new Bucket(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === Bucket.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments("Bucket", [], args, opts);
    super(
      Bucket.__pulumiType,
      name,
      {
        name: args?.name,
        description: args?.description,
        auth: withSecrets(args?.auth, ["password","token"]),
        stream: args?.stream,
        ephemeral: args?.ephemeral,
        largeWebhooks: args?.largeWebhooks,
      },
      options(opts, {}),
    );
  }
}
exports.Bucket = Bucket;

class Function extends pulumi.CustomResource {
  static __pulumiType = "relay:index:Function";

  static get(name, id, opts) {
    return new Function(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === Function.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments("Function", ["payload"], args, opts);
    super(
      Function.__pulumiType,
      name,
      {
        name: args?.name,
        description: args?.description,
        driver: args?.driver,
        payload: args?.payload,
        variables: secret(args?.variables),
      },
      options(opts, {}),
    );
  }
}
exports.Function = Function;

class Input extends pulumi.CustomResource {
  static __pulumiType = "relay:index:Input";

  static get(name, id, opts) {
    return new Input(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === Input.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments("Input", ["bucket"], args, opts);
    super(
      Input.__pulumiType,
      name,
      {
        bucket: args?.bucket,
        name: args?.name,
        description: args?.description,
        statusCode: args?.statusCode,
        headers: args?.headers,
        body: args?.body,
        responseFromOutput: args?.responseFromOutput,
        responseTimeout: args?.responseTimeout,
        verification: withSecrets(args?.verification, ["secret","previousSecret"]),
        deduplication: args?.deduplication,
        function: args?.function,
        bucketId: undefined,
        url: undefined,
      },
      options(opts, {}),
    );
  }
}
exports.Input = Input;

class Output extends pulumi.CustomResource {
  static __pulumiType = "relay:index:Output";

  static get(name, id, opts) {
    return new Output(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === Output.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments("Output", ["bucket","destination"], args, opts);
    super(
      Output.__pulumiType,
      name,
      {
        bucket: args?.bucket,
        name: args?.name,
        description: args?.description,
        destination: args?.destination,
        internal: args?.internal,
        disabled: args?.disabled,
        lockPath: args?.lockPath,
        headers: args?.headers,
        timeout: args?.timeout,
        tlsVerification: args?.tlsVerification,
        retry: args?.retry,
        throttle: args?.throttle,
        order: args?.order,
        rules: args?.rules,
        agents: args?.agents,
        tls: withSecrets(args?.tls, ["clientKey"]),
        authentication: withSecrets(args?.authentication, ["password","token"]),
        signing: withSecrets(args?.signing, ["secret","previousSecret"]),
        timeouts: args?.timeouts,
        function: args?.function,
        responseFunction: args?.responseFunction,
        bucketId: undefined,
      },
      options(opts, {}),
    );
  }
}
exports.Output = Output;

class Cron extends pulumi.CustomResource {
  static __pulumiType = "relay:index:Cron";

  static get(name, id, opts) {
    return new Cron(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === Cron.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments("Cron", ["bucket","schedule"], args, opts);
    super(
      Cron.__pulumiType,
      name,
      {
        bucket: args?.bucket,
        name: args?.name,
        description: args?.description,
        enabled: args?.enabled,
        schedule: args?.schedule,
        timezone: args?.timezone,
        recurring: args?.recurring,
        startsAt: args?.startsAt,
        endsAt: args?.endsAt,
        startWithin: args?.startWithin,
        missed: args?.missed,
        method: args?.method,
        path: args?.path,
        headers: args?.headers,
        payload: args?.payload,
        function: args?.function,
        bucketId: undefined,
      },
      options(opts, {}),
    );
  }
}
exports.Cron = Cron;

class Token extends pulumi.CustomResource {
  static __pulumiType = "relay:index:Token";

  static get(name, id, opts) {
    return new Token(name, undefined, { ...opts, id });
  }

  static isInstance(value) {
    return value?.__pulumiType === Token.__pulumiType;
  }

  constructor(name, args, opts) {
    if (opts?.id === undefined) requireArguments("Token", [], args, opts);
    super(
      Token.__pulumiType,
      name,
      {
        name: args?.name,
        description: args?.description,
        active: args?.active,
        apiAccess: args?.apiAccess,
        scopes: args?.scopes,
        expiresAt: args?.expiresAt,
        ownSecret: secret(args?.ownSecret),
        rotationTrigger: args?.rotationTrigger,
        rotationGrace: args?.rotationGrace,
        secret: undefined,
      },
      options(opts, { additionalSecretOutputs: ["secret"] }),
    );
  }
}
exports.Token = Token;

exports.getBucket = (args, opts) => pulumi.runtime.invoke("relay:index:getBucket", { name: args.name }, options(opts));
exports.getBucketOutput = (args, opts) => pulumi.runtime.invokeOutput("relay:index:getBucket", { name: args.name }, options(opts));

exports.getInput = (args, opts) => pulumi.runtime.invoke("relay:index:getInput", { bucket: args.bucket, name: args.name }, options(opts));
exports.getInputOutput = (args, opts) => pulumi.runtime.invokeOutput("relay:index:getInput", { bucket: args.bucket, name: args.name }, options(opts));

exports.getTokens = (opts) => pulumi.runtime.invoke("relay:index:getTokens", {  }, options(opts));
exports.getTokensOutput = (opts) => pulumi.runtime.invokeOutput("relay:index:getTokens", {  }, options(opts));

exports.getServer = (opts) => pulumi.runtime.invoke("relay:index:getServer", {  }, options(opts));
exports.getServerOutput = (opts) => pulumi.runtime.invokeOutput("relay:index:getServer", {  }, options(opts));

exports.inputUrl = (args, opts) => pulumi.runtime.invoke("relay:index:inputUrl", { publicUrl: args.publicUrl, inputId: args.inputId }, options(opts));
exports.inputUrlOutput = (args, opts) => pulumi.runtime.invokeOutput("relay:index:inputUrl", { publicUrl: args.publicUrl, inputId: args.inputId }, options(opts));

exports.parseOutputRules = (args, opts) => pulumi.runtime.invoke("relay:index:parseOutputRules", { json: args.json }, options(opts));
exports.parseOutputRulesOutput = (args, opts) => pulumi.runtime.invokeOutput("relay:index:parseOutputRules", { json: args.json }, options(opts));

exports.config = {
  get address() {
    return new pulumi.Config("relay").get("address");
  },
  get key() {
    return new pulumi.Config("relay").get("key");
  },
  get secret() {
    return new pulumi.Config("relay").getSecret("secret");
  },
  get caFile() {
    return new pulumi.Config("relay").get("caFile");
  },
};

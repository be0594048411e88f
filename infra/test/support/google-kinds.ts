import type { Json, KubernetesObject } from "./kubernetes-api.js";

// No package has the definitions of the kinds that Google installs into its clusters. These are written after what Google
// documents of their fields (for its Gateway: the types in GoogleCloudPlatform/gke-gateway-api, apis/networking/v1), and are
// as strict: a field that they do not have is refused.

type Schema = { readonly [name: string]: Json };
type Fields = Readonly<Record<string, Schema>>;

const TEXT: Schema = { type: "string" };
const FLAG: Schema = { type: "boolean" };
const DURATION: Schema = { type: "string", pattern: "^((\\d+(\\.\\d+)?)(ms|s|m|h))+$" };
const PORT_OR_NAME: Schema = { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] };
const TEXTS: Schema = { type: "object", additionalProperties: TEXT };
/** Written by controllers alone. */
const STATUS: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

function whole(minimum: number, maximum: number): Schema {
  return { type: "integer", format: "int64", minimum, maximum };
}

function oneOf(...values: readonly string[]): Schema {
  return { type: "string", enum: values };
}

function list(items: Schema, limits: Schema = {}): Schema {
  return { type: "array", items, ...limits };
}

function object(properties: Fields, required: readonly string[] = [], rules: Schema = {}): Schema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }), ...rules };
}

const LABELS: Schema = object({
  matchLabels: TEXTS,
  matchExpressions: list(
    object({ key: TEXT, operator: oneOf("In", "NotIn", "Exists", "DoesNotExist"), values: list(TEXT) }, [
      "key",
      "operator",
    ]),
  ),
});

const TARGET: Schema = object(
  {
    group: { ...TEXT, maxLength: 253 },
    kind: { ...TEXT, minLength: 1 },
    name: { ...TEXT, minLength: 1 },
    namespace: TEXT,
  },
  ["group", "kind", "name"],
);

function policy(config: Fields, rules: Schema = {}): Schema {
  return object({ targetRef: TARGET, default: object(config, [], rules) }, ["targetRef"]);
}

const BACKEND_POLICY = policy({
  logging: object({ enabled: FLAG, sampleRate: whole(0, 1_000_000) }),
  sessionAffinity: object({
    type: oneOf(
      "CLIENT_IP",
      "CLIENT_IP_PORT_PROTO",
      "CLIENT_IP_PROTO",
      "GENERATED_COOKIE",
      "HEADER_FIELD",
      "HTTP_COOKIE",
      "NONE",
    ),
    cookieTtlSec: whole(0, 1_209_600),
  }),
  connectionDraining: object({ drainingTimeoutSec: whole(0, 3_600) }),
  timeoutSec: whole(1, 2_147_483_647),
  securityPolicy: TEXT,
  iap: object({ enabled: FLAG, clientID: TEXT, oauth2ClientSecret: object({ name: TEXT }) }),
  maxRatePerEndpoint: whole(1, 1_000_000_000),
});

const GATEWAY_POLICY = policy({ sslPolicy: TEXT, allowGlobalAccess: FLAG, region: TEXT });

const CHECKED_PORT: Fields = {
  portSpecification: oneOf("USE_FIXED_PORT", "USE_NAMED_PORT", "USE_SERVING_PORT"),
  port: whole(1, 65_535),
  portName: { ...TEXT, maxLength: 63 },
};
const PROXY_HEADER = oneOf("NONE", "PROXY_V1");
const HTTP_CHECK = object({
  ...CHECKED_PORT,
  host: { ...TEXT, maxLength: 2_048 },
  requestPath: { ...TEXT, maxLength: 2_048, pattern: "^/" },
  proxyHeader: PROXY_HEADER,
  response: { ...TEXT, maxLength: 1_024 },
});
const HEALTH_CHECK_POLICY = policy(
  {
    checkIntervalSec: whole(1, 300),
    timeoutSec: whole(1, 300),
    unhealthyThreshold: whole(1, 10),
    healthyThreshold: whole(1, 10),
    logConfig: object({ enabled: FLAG }),
    // The type, and what belongs to that type.
    config: object(
      {
        type: oneOf("TCP", "HTTP", "HTTPS", "HTTP2", "GRPC"),
        tcpHealthCheck: object({ ...CHECKED_PORT, request: TEXT, response: TEXT, proxyHeader: PROXY_HEADER }),
        httpHealthCheck: HTTP_CHECK,
        httpsHealthCheck: HTTP_CHECK,
        http2HealthCheck: HTTP_CHECK,
        grpcHealthCheck: object({ ...CHECKED_PORT, grpcServiceName: { ...TEXT, maxLength: 1_024 } }),
      },
      ["type"],
      {
        minProperties: 2,
        maxProperties: 2,
        "x-kubernetes-validations": [
          {
            rule: "has(self.grpcHealthCheck) == (self.type == 'GRPC') && has(self.tcpHealthCheck) == (self.type == 'TCP')",
            message: "the health check must be that of the type",
          },
        ],
      },
    ),
  },
  {
    "x-kubernetes-validations": [
      {
        rule: "!has(self.timeoutSec) || !has(self.checkIntervalSec) || self.timeoutSec <= self.checkIntervalSec",
        message: "timeoutSec must not be greater than checkIntervalSec",
      },
    ],
  },
);

const SECRET_PROVIDER_CLASS = object({
  provider: TEXT,
  parameters: TEXTS,
  secretObjects: list(
    object({
      secretName: TEXT,
      type: TEXT,
      labels: TEXTS,
      annotations: TEXTS,
      data: list(object({ objectName: TEXT, key: TEXT })),
    }),
  ),
});

const RELABELING = object({
  sourceLabels: list(TEXT),
  separator: TEXT,
  targetLabel: TEXT,
  regex: TEXT,
  modulus: whole(0, Number.MAX_SAFE_INTEGER),
  replacement: TEXT,
  action: oneOf(
    "replace",
    "lowercase",
    "uppercase",
    "keep",
    "drop",
    "keepequal",
    "dropequal",
    "hashmod",
    "labelmap",
    "labeldrop",
    "labelkeep",
  ),
});
const POD_MONITORING = object(
  {
    selector: LABELS,
    endpoints: list(
      object(
        {
          port: PORT_OR_NAME,
          scheme: TEXT,
          path: TEXT,
          params: { type: "object", additionalProperties: list(TEXT) },
          proxyUrl: TEXT,
          interval: DURATION,
          timeout: DURATION,
          metricRelabeling: list(RELABELING),
          tls: object({ insecureSkipVerify: FLAG, serverName: TEXT, minVersion: TEXT, maxVersion: TEXT }),
        },
        ["port", "interval"],
      ),
      { minItems: 1 },
    ),
    targetLabels: object({
      metadata: list(TEXT),
      fromPod: list(object({ from: TEXT, to: TEXT }, ["from"])),
    }),
    limits: object({
      samples: whole(0, Number.MAX_SAFE_INTEGER),
      labels: whole(0, Number.MAX_SAFE_INTEGER),
      labelNameLength: whole(0, Number.MAX_SAFE_INTEGER),
      labelValueLength: whole(0, Number.MAX_SAFE_INTEGER),
    }),
    filterRunning: FLAG,
  },
  ["selector", "endpoints"],
);

const FQDN_NETWORK_POLICY = object(
  {
    podSelector: LABELS,
    egress: list(
      object(
        {
          matches: list(object({ name: TEXT, pattern: TEXT }, [], { minProperties: 1, maxProperties: 1 }), {
            minItems: 1,
          }),
          ports: list(object({ port: whole(1, 65_535), protocol: oneOf("TCP", "UDP", "ALL") })),
        },
        ["matches"],
      ),
      { minItems: 1 },
    ),
  },
  ["podSelector", "egress"],
);

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly spec: Schema;
}

const KINDS: readonly Kind[] = [
  {
    group: "networking.gke.io",
    version: "v1",
    kind: "GCPBackendPolicy",
    plural: "gcpbackendpolicies",
    spec: BACKEND_POLICY,
  },
  {
    group: "networking.gke.io",
    version: "v1",
    kind: "GCPGatewayPolicy",
    plural: "gcpgatewaypolicies",
    spec: GATEWAY_POLICY,
  },
  {
    group: "networking.gke.io",
    version: "v1",
    kind: "HealthCheckPolicy",
    plural: "healthcheckpolicies",
    spec: HEALTH_CHECK_POLICY,
  },
  {
    group: "networking.gke.io",
    version: "v1alpha1",
    kind: "FQDNNetworkPolicy",
    plural: "fqdnnetworkpolicies",
    spec: FQDN_NETWORK_POLICY,
  },
  {
    group: "secrets-store.csi.x-k8s.io",
    version: "v1",
    kind: "SecretProviderClass",
    plural: "secretproviderclasses",
    spec: SECRET_PROVIDER_CLASS,
  },
  {
    group: "monitoring.googleapis.com",
    version: "v1",
    kind: "PodMonitoring",
    plural: "podmonitorings",
    spec: POD_MONITORING,
  },
];

/** Definitions of the kinds that Google's clusters have, as far as the program uses them. */
export function googleKinds(): readonly KubernetesObject[] {
  return KINDS.map(({ group, version, kind, plural, spec }) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      // Groups under k8s.io are Kubernetes' own: this says that the definition is no release of theirs.
      annotations: { "api-approved.kubernetes.io": "unapproved, for tests" },
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: object(
              { apiVersion: TEXT, kind: TEXT, metadata: { type: "object" }, spec, status: STATUS },
              ["spec"],
            ),
          },
        },
      ],
    },
  }));
}

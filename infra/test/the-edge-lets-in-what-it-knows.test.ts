import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { programOf } from "./support/program.js";

interface Rule {
  readonly action: string;
  readonly priority: number;
  readonly description: string;
  readonly preview?: boolean;
  readonly match: {
    readonly config?: { readonly srcIpRanges: string[] };
    readonly expr?: { readonly expression: string };
  };
  readonly rateLimitOptions?: { readonly rateLimitThreshold: { readonly count: number } };
}

const rulesOf = (inputs: Readonly<Record<string, unknown>>) => inputs.rules as Rule[];
const BACKENDS = ["admin", "agents-grpc", "agents-websocket", "ingest"];

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);

  test("nothing older than TLS 1.2 is spoken, and only ciphers with forward secrecy", () => {
    const policy = program.one("compute.SSLPolicy");
    expect(policy.inputs).toMatchObject({ profile: "RESTRICTED", minTlsVersion: "TLS_1_2" });
    expect(program.one("networking.gke.io/v1.GCPGatewayPolicy").inputs).toMatchObject({
      spec: { default: { sslPolicy: expect.stringMatching(/^relay-/) }, targetRef: { kind: "Gateway", name: "relay" } },
    });
  });

  test("one Google load balancer has the stack's address and its certificates", () => {
    const gateway = program.one("gateway.networking.k8s.io/v1.Gateway");
    expect(gateway.inputs).toMatchObject({
      metadata: { annotations: { "networking.gke.io/certmap": expect.stringMatching(/^relay-/) } },
      spec: {
        gatewayClassName: "gke-l7-global-external-managed",
        addresses: [{ type: "NamedAddress", value: expect.stringMatching(/^relay-/) }],
      },
    });
    for (const entry of program.all("certificatemanager.CertificateMapEntry")) {
      expect(program.waitsFor(gateway, entry), entry.name).toBe(true);
    }
  });

  test("threat: somebody listens on the way; plain HTTP is answered with a redirect alone", () => {
    const routes = program.all("gateway.networking.k8s.io/v1.HTTPRoute");
    const plain = routes.filter(({ inputs }) => JSON.stringify(inputs).includes('"sectionName":"http"'));
    expect(plain.map(({ name, inputs }) => [name, inputs.spec])).toEqual([
      [
        "relay-redirect",
        {
          parentRefs: [{ name: "relay", sectionName: "http" }],
          rules: [{ filters: [{ type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } }] }],
        },
      ],
    ]);
  });

  test("threat: the admin API is asked at a host that is open to all; each host has its own paths and nothing else", () => {
    const routes = program
      .all("gateway.networking.k8s.io/v1.HTTPRoute")
      .filter(({ name }) => name !== "relay-redirect")
      .map(({ inputs }) => inputs.spec as { hostnames?: string[]; rules: [{ matches: [{ path: { value: string } }] }] })
      .map(({ hostnames, rules }) => [hostnames?.join() ?? "", rules[0].matches[0].path.value])
      .sort();
    const host = (label: string) => (level === "dev" ? "" : `${label}.relay.example.com`);
    expect(routes).toEqual(
      [
        [host("admin"), "/v1"],
        [host("agents"), "/relay.v1.AgentLinkService"],
        [host("agents"), "/v1/agent"],
        [host("hooks"), "/v1/webhooks"],
      ].sort(),
    );
  });

  test("every backend has its limits, its log and a time to drain", () => {
    const policies = program.all("networking.gke.io/v1.GCPBackendPolicy");
    expect(policies.map(({ inputs }) => (inputs.spec as Targeted).targetRef.name).sort()).toEqual(
      BACKENDS.map((name) => `relay-${name}`),
    );
    for (const { name, inputs } of policies) {
      expect(inputs, name).toMatchObject({
        spec: {
          default: {
            securityPolicy: expect.stringMatching(/^relay-/),
            logging: { enabled: true, sampleRate: expect.any(Number) },
            connectionDraining: { drainingTimeoutSec: expect.any(Number) },
            timeoutSec: expect.any(Number),
          },
        },
      });
    }
  });

  test("an agent's connection lives for an hour, and a webhook's longer than its sender may wait for an answer", () => {
    const timeout = (name: string) => {
      const { inputs } = program.one("networking.gke.io/v1.GCPBackendPolicy", `relay-${name}-backend`);
      return (inputs.spec as { default: { timeoutSec: number } }).default.timeoutSec;
    };
    expect(timeout("ingest")).toBe(75);
    expect(timeout("agents-websocket")).toBe(3600);
    expect(timeout("agents-grpc")).toBe(3600);
  });

  // Otherwise than usual: gRPC's own health check and h2c would do for plain text. The last hop is TLS here (every agent
  // connection uses TLS, the hop from the load balancer to the pod too), and health is asked at the status port by HTTP.
  test("the last hop is encrypted too, and health is asked at the status port", () => {
    for (const name of BACKENDS) {
      const service = program.one("core/v1.Service", `relay-${name}`);
      expect(service.inputs, name).toHaveProperty(
        "spec.ports[0].appProtocol",
        name === "agents-grpc" ? "HTTP2" : "HTTPS",
      );
      expect(program.one("networking.gke.io/v1.HealthCheckPolicy", `relay-${name}-health`).inputs).toMatchObject({
        spec: {
          default: {
            checkIntervalSec: 5,
            timeoutSec: 5,
            config: {
              type: "HTTP",
              httpHealthCheck: { portSpecification: "USE_FIXED_PORT", port: 9803, requestPath: "/readyz" },
            },
          },
          targetRef: { kind: "Service", name: `relay-${name}` },
        },
      });
    }
  });

  test("threat: a flood from one address; every way in has a rate for each", () => {
    for (const { name, inputs } of program.all("compute.SecurityPolicy")) {
      const allowing = rulesOf(inputs).filter(({ action }) => !action.startsWith("deny"));
      for (const rule of allowing.filter(({ priority }) => priority < 2_147_483_647)) {
        expect(rule, name).toMatchObject({
          action: "throttle",
          rateLimitOptions: { conformAction: "allow", exceedAction: "deny(429)", enforceOnKey: "IP" },
        });
        expect(rule.rateLimitOptions?.rateLimitThreshold.count).toBeLessThanOrEqual(1_000_000);
      }
      expect(inputs, name).toMatchObject({
        adaptiveProtectionConfig: { layer7DdosDefenseConfig: { enable: true } },
        type: "CLOUD_ARMOR",
      });
    }
  });

  test("Google takes the rules: ten networks at most in each, 64 letters of description, one of each priority", () => {
    for (const { name, inputs } of program.all("compute.SecurityPolicy")) {
      const rules = rulesOf(inputs);
      expect(new Set(rules.map(({ priority }) => priority)).size, name).toBe(rules.length);
      expect(rules.at(-1)?.priority, name).toBe(2_147_483_647);
      for (const rule of rules) {
        expect(rule.match.config?.srcIpRanges.length ?? 0, name).toBeLessThanOrEqual(10);
        expect(rule.description.length, rule.description).toBeLessThanOrEqual(64);
      }
    }
  });

  test("webhooks are nobody's to judge by their body: no rules on content, no parsing", () => {
    const { inputs } = program.one("compute.SecurityPolicy", "relay-ingest");
    expect(inputs).toMatchObject({ advancedOptionsConfig: { jsonParsing: "DISABLED" } });
    expect(rulesOf(inputs).filter(({ match }) => match.expr !== undefined)).toEqual([]);
  });

  test("what looks like an attack on the API is watched before anything is enforced", () => {
    const watched = rulesOf(program.one("compute.SecurityPolicy", "relay-admin").inputs).filter(
      ({ match }) => match.expr,
    );
    expect(watched.length).toBeGreaterThan(3);
    for (const rule of watched) expect(rule.preview, rule.description).toBe(true);
    expect(
      program
        .all("compute.SecurityPolicy")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["relay-admin", "relay-agents", "relay-ingest"]);
  });
});

describe.each(["prod", "locked"] as const)("%s", async (level) => {
  const program = await programOf(level);

  test("threat: the API is called from anywhere; networks that are not named are refused", () => {
    const rules = rulesOf(program.one("compute.SecurityPolicy", "relay-admin").inputs).filter(
      ({ preview }) => preview !== true,
    );
    expect(rules.map(({ action, match }) => [action, match.config?.srcIpRanges])).toEqual([
      ["throttle", ["203.0.113.0/24"]],
      ["deny(403)", ["*"]],
    ]);
  });

  test("Google renews the certificate, and nobody else may make one", () => {
    const certificate = program.one("certificatemanager.Certificate");
    expect(certificate.inputs).toMatchObject({
      managed: { domains: ["relay.example.com", "*.relay.example.com"], dnsAuthorizations: [expect.any(String)] },
    });
    expect(program.one("dns.RecordSet", "relay-caa").inputs).toMatchObject({
      type: "CAA",
      rrdatas: ['0 issue "pki.goog"'],
    });
  });

  test("the domain's zone is signed", () => {
    const zone = program.one("dns.ManagedZone", "relay");
    expect(zone.inputs).toMatchObject({ dnssecConfig: { state: "on" }, cloudLoggingConfig: { enableLogging: true } });
  });
});

test("locked: agents connect from networks that are named", async () => {
  const rules = rulesOf((await programOf("locked")).one("compute.SecurityPolicy", "relay-agents").inputs);
  expect(rules.map(({ action, match }) => [action, match.config?.srcIpRanges])).toEqual([
    ["throttle", ["203.0.113.0/24", "198.51.100.7/32"]],
    ["deny(403)", ["*"]],
  ]);
});

test("more networks than fit in a rule make more rules", async () => {
  const networks = Array.from({ length: 23 }, (_, index) => `203.0.113.${index}/32`);
  const program = await programOf("prod", { agentNetworks: networks.join(",") });
  const sizes = rulesOf(program.one("compute.SecurityPolicy", "relay-agents").inputs).map(
    ({ match }) => match.config?.srcIpRanges.length,
  );
  expect(sizes).toEqual([10, 10, 3, 1]);
});

test("nobody may call the API when no network is named", async () => {
  const rules = rulesOf(
    (await programOf("prod", { adminNetworks: "" })).one("compute.SecurityPolicy", "relay-admin").inputs,
  );
  expect(rules.filter(({ preview }) => preview !== true).map(({ action }) => action)).toEqual(["deny(403)"]);
});

interface Targeted {
  readonly targetRef: { readonly name: string };
}

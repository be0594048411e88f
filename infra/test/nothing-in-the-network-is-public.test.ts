import { describe, expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { NODE_RANGE, POD_RANGE, SERVICE_RANGE } from "../network-plan.js";
import { programOf } from "./support/program.js";

describe.each(LEVELS)("%s", async (level) => {
  const program = await programOf(level);

  test("the network is the stack's own: no subnet that is not declared, no routes from other regions", () => {
    expect(program.one("compute.Network").inputs).toMatchObject({
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
    });
  });

  test("the subnet reaches Google's APIs privately, has ranges for pods and services, and logs its flows", () => {
    expect(program.one("compute.Subnetwork").inputs).toMatchObject({
      privateIpGoogleAccess: true,
      secondaryIpRanges: [
        { rangeName: "pods", ipCidrRange: POD_RANGE },
        { rangeName: "services", ipCidrRange: SERVICE_RANGE },
      ],
      logConfig: {
        aggregationInterval: "INTERVAL_5_SEC",
        flowSampling: expect.any(Number),
        metadata: "INCLUDE_ALL_METADATA",
      },
    });
  });

  test("outgoing calls come from addresses that others can let in, and that do not change", () => {
    const addresses = program.all("compute.Address");
    const { inputs } = program.one("compute.RouterNat");
    expect(inputs).toMatchObject({
      natIpAllocateOption: "MANUAL_ONLY",
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
    expect(inputs.natIps).toHaveLength(addresses.length);
    expect(program.outputs.natAddresses).toBeDefined();
  });

  test("a burst of webhooks to one destination does not run out of ports", () => {
    const { inputs } = program.one("compute.RouterNat");
    // Dynamic allocation goes with powers of two, and without endpoint-independent mapping (Cloud NAT, address and port).
    expect(inputs).toMatchObject({ enableDynamicPortAllocation: true, enableEndpointIndependentMapping: false });
    for (const ports of [inputs.minPortsPerVm, inputs.maxPortsPerVm].map(Number)) expect(Math.log2(ports) % 1).toBe(0);
    expect(Number(inputs.minPortsPerVm)).toBeGreaterThanOrEqual(256);
  });

  test("the database's network is peered with this one", () => {
    const range = program.one("compute.GlobalAddress", "relay-services");
    expect(range.inputs).toMatchObject({ purpose: "VPC_PEERING", addressType: "INTERNAL" });
    const connection = program.one("servicenetworking.Connection");
    expect(connection.inputs).toMatchObject({ service: "servicenetworking.googleapis.com" });
    expect(program.waitsFor(connection, range)).toBe(true);
  });

  test("threat: something listens that nobody meant to publish; nothing gets in but the load balancer", () => {
    const ingress = program.all("compute.Firewall").filter(({ inputs }) => inputs.direction === "INGRESS");
    const deny = ingress.filter(({ inputs }) => inputs.denies !== undefined);
    expect(deny.map(({ inputs }) => inputs)).toEqual([
      expect.objectContaining({ sourceRanges: ["0.0.0.0/0"], denies: [{ protocol: "all" }], priority: 65_534 }),
    ]);
    const allow = ingress.filter(({ inputs }) => inputs.allows !== undefined);
    expect(allow.map(({ inputs }) => [inputs.sourceRanges, inputs.allows])).toEqual([
      [["35.191.0.0/16", "130.211.0.0/22"], [{ protocol: "tcp", ports: ["9300", "9302", "9803"] }]],
    ]);
  });

  test("the only public addresses are the edge's, the NAT's, and nobody else's", () => {
    const external = program.resources.filter(({ inputs }) => inputs.addressType === "EXTERNAL");
    expect(external.map(({ name }) => name).sort()).toEqual(
      ["relay", ...program.all("compute.Address").map(({ name }) => name)].sort(),
    );
    expect(program.all("compute.Address").every(({ name }) => name.startsWith("relay-nat-"))).toBe(true);
    const services = program.all("core/v1.Service");
    for (const service of services) expect(service.inputs, service.name).toHaveProperty("spec.type", "ClusterIP");
  });

  test("Google's APIs and registries are reached by private addresses", () => {
    const zones = program.all("dns.ManagedZone").filter(({ inputs }) => inputs.visibility === "private");
    expect(zones.map(({ inputs }) => inputs.dnsName).sort()).toEqual(["gcr.io.", "googleapis.com.", "pkg.dev."]);
  });
});

test("locked: nothing leaves the network but for the database and Google's APIs", async () => {
  const egress = (await programOf("locked"))
    .all("compute.Firewall")
    .filter(({ inputs }) => inputs.direction === "EGRESS")
    .sort((a, b) => Number(a.inputs.priority) - Number(b.inputs.priority));
  expect(egress.map(({ inputs }) => inputs.destinationRanges)).toEqual([
    [NODE_RANGE, POD_RANGE, SERVICE_RANGE, "199.36.153.8/30", "10.16.0.0/20"],
    ["0.0.0.0/0"],
  ]);
  expect(egress.at(-1)?.inputs.denies).toEqual([{ protocol: "all" }]);
});

test("no two ranges of the network overlap", () => {
  const ranges = [NODE_RANGE, POD_RANGE, SERVICE_RANGE].map((cidr) => {
    const [address = "", bits = ""] = cidr.split("/");
    const first = address.split(".").reduce((all, byte) => all * 256 + Number(byte), 0);
    return { cidr, first, last: first + 2 ** (32 - Number(bits)) - 1 };
  });
  ranges.sort((a, b) => a.first - b.first);
  for (const [index, range] of ranges.entries()) {
    const before = ranges[index - 1];
    if (before !== undefined) expect(range.first, `${before.cidr} and ${range.cidr}`).toBeGreaterThan(before.last);
  }
});

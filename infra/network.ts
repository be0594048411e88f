import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import { HEALTH_CHECK_RANGES, NODE_RANGE, POD_RANGE, RELAY_PORTS, SERVICE_RANGE } from "./network-plan.js";
import { PrivateGoogleApis } from "./private-google-apis.js";
import type { Project } from "./project.js";

export interface NetworkArgs {
  readonly config: Pick<RelayConfig, "deletionProtection" | "region" | "natAddresses" | "publicDestinations">;
  readonly project: Project;
}

/**
 * A network of its own: nothing in it has a public address, what comes in comes through the load balancer, what goes out
 * goes through NAT from addresses that do not change.
 */
export class Network extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly subnetwork: pulumi.Output<string>;
  readonly podRange = "pods";
  readonly serviceRange = "services";
  /** Where outgoing calls come from, for the allow-lists of others. */
  readonly natAddresses: pulumi.Output<string[]>;
  /** The network once Google's managed services are peered with it: whoever takes it waits for the peering. */
  readonly peered: pulumi.Output<string>;
  /** Name of the range that managed services live in. */
  readonly servicesRange: pulumi.Output<string>;
  /** The same as a network in CIDR notation. */
  readonly servicesCidr: pulumi.Output<string>;

  constructor(name: string, { config, project }: NetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Network", name, {}, options);
    const parent = { parent: this };
    const inRegion = { project: project.id, region: config.region };
    const network = new gcp.compute.Network(
      name,
      {
        project: project.id,
        description: "The relay's own network",
        autoCreateSubnetworks: false,
        routingMode: "REGIONAL",
      },
      parent,
    );
    const subnetwork = new gcp.compute.Subnetwork(
      name,
      {
        ...inRegion,
        network: network.id,
        ipCidrRange: NODE_RANGE,
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
          { rangeName: this.podRange, ipCidrRange: POD_RANGE },
          { rangeName: this.serviceRange, ipCidrRange: SERVICE_RANGE },
        ],
        logConfig: { aggregationInterval: "INTERVAL_5_SEC", flowSampling: 0.5, metadata: "INCLUDE_ALL_METADATA" },
      },
      parent,
    );
    const router = new gcp.compute.Router(name, { ...inRegion, network: network.id }, parent);
    const addresses = Array.from(
      { length: config.natAddresses },
      (_, index) =>
        new gcp.compute.Address(
          `${name}-nat-${index}`,
          { ...inRegion, addressType: "EXTERNAL" },
          // Others' allow-lists know it.
          { ...parent, protect: config.deletionProtection },
        ),
    );
    new gcp.compute.RouterNat(
      name,
      {
        ...inRegion,
        router: router.name,
        natIpAllocateOption: "MANUAL_ONLY",
        natIps: addresses.map((address) => address.selfLink),
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetworks: [{ name: subnetwork.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
        // Webhooks to one destination need a port each: a busy node gets more before it runs out.
        enableDynamicPortAllocation: true,
        enableEndpointIndependentMapping: false,
        minPortsPerVm: 256,
        maxPortsPerVm: 8192,
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      },
      parent,
    );
    const range = new gcp.compute.GlobalAddress(
      `${name}-services`,
      {
        project: project.id,
        network: network.id,
        purpose: "VPC_PEERING",
        addressType: "INTERNAL",
        prefixLength: 20,
      },
      parent,
    );
    const connection = new gcp.servicenetworking.Connection(
      name,
      {
        network: network.id,
        service: "servicenetworking.googleapis.com",
        reservedPeeringRanges: [range.name],
        // Google refuses to end a peering for days after the last database: it goes with the network instead.
        deletionPolicy: "ABANDON",
      },
      parent,
    );
    new PrivateGoogleApis(`${name}-google`, { project, network: network.id }, parent);
    this.#walls(name, { network: network.id, project, open: config.publicDestinations, range });

    this.id = network.id;
    this.subnetwork = subnetwork.id;
    this.natAddresses = pulumi.all(addresses.map((address) => address.address));
    this.peered = connection.network;
    this.servicesRange = range.name;
    this.servicesCidr = pulumi.interpolate`${range.address}/${range.prefixLength}`;
    this.registerOutputs({ id: this.id, natAddresses: this.natAddresses });
  }

  /** Nothing comes in but the load balancer's requests; without public destinations nothing goes out to the Internet. */
  #walls(
    name: string,
    walls: { network: pulumi.Output<string>; project: Project; open: boolean; range: gcp.compute.GlobalAddress },
  ): void {
    const common = { project: walls.project.id, network: walls.network };
    const parent = { parent: this };
    const logged = { logConfig: { metadata: "INCLUDE_ALL_METADATA" } };
    new gcp.compute.Firewall(
      `${name}-deny-ingress`,
      {
        ...common,
        ...logged,
        description: "Nothing comes in that no other rule lets in.",
        direction: "INGRESS",
        priority: 65_534,
        sourceRanges: ["0.0.0.0/0"],
        denies: [{ protocol: "all" }],
      },
      parent,
    );
    new gcp.compute.Firewall(
      `${name}-allow-load-balancer`,
      {
        ...common,
        description: "Requests and health checks of Google's load balancers, to the relay's ports.",
        direction: "INGRESS",
        priority: 1000,
        sourceRanges: [...HEALTH_CHECK_RANGES],
        allows: [{ protocol: "tcp", ports: Object.values(RELAY_PORTS).map(String) }],
      },
      parent,
    );
    if (walls.open) return;
    new gcp.compute.Firewall(
      `${name}-deny-egress`,
      {
        ...common,
        ...logged,
        description: "Nothing goes out that no other rule lets out.",
        direction: "EGRESS",
        priority: 65_534,
        destinationRanges: ["0.0.0.0/0"],
        denies: [{ protocol: "all" }],
      },
      parent,
    );
    new gcp.compute.Firewall(
      `${name}-allow-egress`,
      {
        ...common,
        description: "The network itself, the database's range and Google's APIs by their private addresses.",
        direction: "EGRESS",
        priority: 1000,
        destinationRanges: [
          NODE_RANGE,
          POD_RANGE,
          SERVICE_RANGE,
          PrivateGoogleApis.range,
          pulumi.interpolate`${walls.range.address}/${walls.range.prefixLength}`,
        ],
        allows: [{ protocol: "all" }],
      },
      parent,
    );
  }
}

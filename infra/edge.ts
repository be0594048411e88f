import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { RelayConfig } from "./config/read-config.js";
import { DomainCertificate } from "./domain-certificate.js";
import { securityPolicies } from "./edge-policies.js";
import { type Hosts, hosts } from "./hosts.js";
import type { Project } from "./project.js";
import { SelfSignedCertificate } from "./self-signed-certificate.js";

export interface EdgeArgs {
  readonly config: Pick<
    RelayConfig,
    "deletionProtection" | "domain" | "manageDns" | "adminNetworks" | "agentNetworks" | "ingestRatePerAddress"
  >;
  readonly project: Project;
}

/** What senders and agents reach from outside: an address, its names and certificate, and who is let through. */
export class Edge extends pulumi.ComponentResource {
  readonly address: pulumi.Output<string>;
  readonly addressName: pulumi.Output<string>;
  readonly hosts: Hosts;
  /** Name of the certificate map, known once it has a certificate to show. */
  readonly certificateMap: pulumi.Output<string>;
  readonly sslPolicy: pulumi.Output<string>;
  /** Names of the Cloud Armor policies. */
  readonly policies: { readonly [host in keyof Hosts]: pulumi.Output<string> };
  /** What to enter at the domain's parent, or at whoever serves its DNS; empty without a domain. */
  readonly dnsToDo: pulumi.Output<string[]>;
  /** Certificate (PEM) that clients have to trust when there is no domain. */
  readonly certificate: pulumi.Output<string> | undefined;

  constructor(name: string, { config, project }: EdgeArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:Edge", name, {}, options);
    const parent = { parent: this };
    const address = new gcp.compute.GlobalAddress(
      name,
      { project: project.id, addressType: "EXTERNAL", ipVersion: "IPV4", description: "The relay's public address" },
      // Others' DNS and allow-lists know it.
      { ...parent, protect: config.deletionProtection },
    );
    this.address = address.address;
    this.addressName = address.name;
    this.hosts = hosts(config.domain, address.address);
    if (config.domain === undefined) {
      const own = new SelfSignedCertificate(name, { project, address: address.address }, parent);
      this.certificateMap = own.map;
      this.certificate = own.pem;
      this.dnsToDo = pulumi.output([]);
    } else {
      const { domain, manageDns } = config;
      const managed = new DomainCertificate(
        name,
        { project, domain, manageDns, hosts: this.hosts, address: address.address },
        parent,
      );
      this.certificateMap = managed.map;
      this.certificate = undefined;
      this.dnsToDo = managed.toDo;
    }
    this.sslPolicy = new gcp.compute.SSLPolicy(
      name,
      { project: project.id, profile: "RESTRICTED", minTlsVersion: "TLS_1_2" },
      parent,
    ).name;
    this.policies = securityPolicies(name, { config, project }, parent);
    this.registerOutputs({ address: this.address });
  }
}

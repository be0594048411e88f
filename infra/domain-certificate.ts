import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import type { Hosts } from "./hosts.js";
import type { Project } from "./project.js";

export interface DomainCertificateArgs {
  readonly project: Project;
  readonly domain: string;
  /** Whether this stack serves the domain's DNS. */
  readonly manageDns: boolean;
  readonly hosts: Hosts;
  readonly address: pulumi.Output<string>;
}

/** A certificate that Google renews, for every name below the domain, and the DNS records that it needs. */
export class DomainCertificate extends pulumi.ComponentResource {
  readonly map: pulumi.Output<string>;
  readonly toDo: pulumi.Output<string[]>;

  constructor(name: string, args: DomainCertificateArgs, options?: pulumi.ComponentResourceOptions) {
    super("relay:infra:DomainCertificate", name, {}, options);
    const { project, domain, hosts } = args;
    const parent = { parent: this };
    const authorization = new gcp.certificatemanager.DnsAuthorization(
      name,
      // A record of this project's own: another relay of the domain, as during a move, has another.
      { project: project.id, domain, type: "PER_PROJECT_RECORD" },
      parent,
    );
    const certificate = new gcp.certificatemanager.Certificate(
      name,
      {
        project: project.id,
        description: `Names below ${domain}`,
        managed: { domains: [domain, `*.${domain}`], dnsAuthorizations: [authorization.id] },
      },
      parent,
    );
    const map = new gcp.certificatemanager.CertificateMap(name, { project: project.id }, parent);
    const entries = Object.entries(hosts).map(
      ([key, hostname]) =>
        new gcp.certificatemanager.CertificateMapEntry(
          `${name}-${key}`,
          { project: project.id, map: map.name, hostname, certificates: [certificate.id] },
          parent,
        ),
    );
    this.map = pulumi.all([map.name, ...entries.map((entry) => entry.id)]).apply(([known]) => known ?? "");

    const challenge = authorization.dnsResourceRecords.apply(([record]) => ({
      name: record?.name ?? "",
      type: record?.type ?? "CNAME",
      data: record?.data ?? "",
    }));
    this.toDo = args.manageDns ? this.#zone(name, args, challenge) : this.#byHand(args, challenge);
    this.registerOutputs({ map: this.map });
  }

  /** Serves the domain from a signed zone. What is left is the delegation. */
  #zone(name: string, { project, domain, hosts, address }: DomainCertificateArgs, challenge: Challenge) {
    const parent = { parent: this };
    const zone = new gcp.dns.ManagedZone(
      name,
      {
        project: project.id,
        dnsName: `${domain}.`,
        description: "Names of the relay",
        dnssecConfig: { state: "on", nonExistence: "nsec3" },
        cloudLoggingConfig: { enableLogging: true },
      },
      parent,
    );
    const record = { project: project.id, managedZone: zone.name, ttl: 300 };
    for (const [key, host] of Object.entries(hosts)) {
      new gcp.dns.RecordSet(
        `${name}-${key}`,
        { ...record, name: pulumi.interpolate`${host}.`, type: "A", rrdatas: [address] },
        parent,
      );
    }
    new gcp.dns.RecordSet(
      `${name}-challenge`,
      { ...record, name: challenge.name, type: challenge.type, rrdatas: [challenge.data] },
      parent,
    );
    // Nobody but Google's authority may make a certificate for these names (RFC 8659).
    new gcp.dns.RecordSet(
      `${name}-caa`,
      { ...record, name: `${domain}.`, type: "CAA", rrdatas: ['0 issue "pki.goog"'] },
      parent,
    );
    return zone.nameServers.apply((servers) => [
      `At the parent of ${domain}: NS records for ${domain} with ${servers.join(" ")}`,
      `At the parent of ${domain}: the DS record that this prints: gcloud dns dns-keys list --zone ZONE`,
    ]);
  }

  #byHand({ hosts, address }: DomainCertificateArgs, challenge: Challenge) {
    return pulumi
      .all([challenge, address, ...Object.values(hosts)])
      .apply(([{ name, type, data }, to, ...names]) => [
        ...names.map((host) => `${host}. A ${to}`),
        `${name} ${type} ${data}`,
      ]);
  }
}

type Challenge = pulumi.Output<{ name: string; type: string; data: string }>;

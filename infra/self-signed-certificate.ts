import * as gcp from "@pulumi/gcp";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Project } from "./project.js";

const YEAR_H = 8760;
const MONTH_H = 720;

export interface SelfSignedCertificateArgs {
  readonly project: Project;
  readonly address: pulumi.Output<string>;
}

/**
 * For trying things out before there is a domain: a certificate for the bare address, which clients are told to trust. Its
 * private key is in the stack's state, encrypted; the levels that matter have a domain, and no such key.
 */
export class SelfSignedCertificate extends pulumi.ComponentResource {
  readonly map: pulumi.Output<string>;
  readonly pem: pulumi.Output<string>;

  constructor(
    name: string,
    { project, address }: SelfSignedCertificateArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("relay:infra:SelfSignedCertificate", name, {}, options);
    const parent = { parent: this };
    const key = new tls.PrivateKey(name, { algorithm: "ECDSA", ecdsaCurve: "P256" }, parent);
    const own = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: "relay" },
        ipAddresses: [address],
        allowedUses: ["digital_signature", "server_auth"],
        validityPeriodHours: YEAR_H,
        earlyRenewalHours: MONTH_H,
      },
      parent,
    );
    const certificate = new gcp.certificatemanager.Certificate(
      name,
      {
        project: project.id,
        description: "The relay's address",
        selfManaged: { pemCertificate: own.certPem, pemPrivateKey: key.privateKeyPem },
      },
      parent,
    );
    const map = new gcp.certificatemanager.CertificateMap(name, { project: project.id }, parent);
    // Clients that call an address name no host: they get the primary one.
    const entry = new gcp.certificatemanager.CertificateMapEntry(
      name,
      { project: project.id, map: map.name, matcher: "PRIMARY", certificates: [certificate.id] },
      parent,
    );
    this.map = pulumi.all([map.name, entry.id]).apply(([known]) => known);
    this.pem = own.certPem;
    this.registerOutputs({ map: this.map });
  }
}

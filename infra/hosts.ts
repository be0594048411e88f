import * as pulumi from "@pulumi/pulumi";

/** Names that the relay is reached under. Without a domain all of them are its address. */
export interface Hosts {
  readonly ingest: pulumi.Output<string>;
  readonly agents: pulumi.Output<string>;
  readonly admin: pulumi.Output<string>;
}

/** Hosts below a domain, or the address for all of them. */
export function hosts(domain: string | undefined, address: pulumi.Output<string>): Hosts {
  const host = (label: string) => (domain === undefined ? address : pulumi.output(`${label}.${domain}`));
  return { ingest: host("hooks"), agents: host("agents"), admin: host("admin") };
}

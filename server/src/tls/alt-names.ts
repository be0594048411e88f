import { isIP } from "node:net";

interface AltNames {
  name: "subjectAltName";
  /** By their numbers in RFC 5280: 2 a DNS name, 7 an IP address. */
  altNames: ({ type: 2; value: string } | { type: 7; ip: string })[];
}

/** The extension that says which names and addresses a certificate is for. */
export function altNames(names: readonly string[]): AltNames {
  return {
    name: "subjectAltName",
    altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
  };
}

/** What Node says of a certificate that it does not accept, in words for people and with what helps; null for other text. */
export function certificateProblem(text: string): string | null {
  const mismatch = wrongName(text);
  if (mismatch !== null) return mismatch;
  if (/certificate has expired|CERT_HAS_EXPIRED/i.test(text)) {
    return "the server's certificate has expired: renew it, or correct the clock of this machine";
  }
  if (/certificate|unable to verify|UNABLE_TO/i.test(text)) {
    return `the server's certificate is not accepted (${text}): RELAY_CA_FILE names the authority to trust`;
  }
  return null;
}

/** The certificate is in order, but for another name: an authority to trust would not help here. */
function wrongName(text: string): string | null {
  if (/altnames: Cert does not contain a DNS name/.test(text)) {
    return "the server's certificate is for no host name: give the server one that names it";
  }
  // As tls.checkServerIdentity has it; a host is written there with a dot at its end.
  const [, dialled, names] =
    /(?:Host|IP): (\S+?)\.? is not (?:in the cert's altnames|in the cert's list|cert's CN): ?(.*)$/s.exec(text) ?? [];
  if (dialled === undefined || names === undefined) return null;
  const owner = names.replace(/\b(?:DNS|IP Address):/g, "").trim();
  return `the certificate is for ${owner === "" ? "other names" : owner}, you dialled ${dialled}: dial a name of the certificate, or give the server a certificate for ${dialled}`;
}

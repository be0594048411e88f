/** What a transport says about a failed connection, in words for people and with what helps. */
export function connectionProblem(text: string): string {
  const cause = /Last error: (?:Error: )?(.*?)\.? ?(?:Resolution note: ?(.*))?$/s.exec(text);
  const plain = (cause === null ? text : cause[1] || cause[2] || text).trim().replace(/\.+$/, "");
  if (/certificate|altnames|unable to verify|UNABLE_TO/i.test(plain)) {
    return `the server's certificate is not accepted (${plain}): RELAY_CA_FILE names the authority to trust`;
  }
  return plain;
}

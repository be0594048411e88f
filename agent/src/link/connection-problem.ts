import { certificateProblem } from "./certificate-problem.js";

/** What a transport says about a failed connection, in words for people and with what helps. */
export function connectionProblem(text: string): string {
  const cause = /Last error: (?:Error(?: \[\w+\])?: )?(.*?)\.? ?(?:Resolution note: ?(.*))?$/s.exec(text);
  const plain = (cause === null ? text : cause[1] || cause[2] || text).trim().replace(/\.+$/, "");
  return certificateProblem(plain) ?? plain;
}

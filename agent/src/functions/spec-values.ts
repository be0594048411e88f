import { CliError, EXIT } from "../cli/exit-codes.js";

/** Checks of what stands in a file of tests; each throws CliError that names the place. */
export function texts(value: unknown, file: string, at: string): Readonly<Record<string, string>> {
  const given = record(value, file, at);
  for (const [name, each] of Object.entries(given)) {
    if (typeof each !== "string") throw wrong(file, `${at}.${name}: must be a text`);
  }
  return given as Readonly<Record<string, string>>;
}

export function record(value: unknown, file: string, at: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(file, `${at}: must be a map`);
}

export function refuseUnknown(rest: object, file: string, at: string): void {
  const [name] = Object.keys(rest);
  if (name !== undefined) throw wrong(file, `${at}.${name}: is not known here`);
}

export function wrong(file: string, text: string): CliError {
  return new CliError(`${file}: ${text}`, EXIT.failure);
}

import { InvalidArgumentError } from "commander";
import { parseDuration } from "./durations.js";

/** Parsers for option values; what they throw becomes a usage error that names the option. */

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError("It takes a duration such as 500ms, 1s or 2m.");
  return ms;
}

export function byteCount(text: string): number {
  const [, number = "", unit = ""] = /^(\d+)\s*([kmg]?)i?b?$/i.exec(text.trim()) ?? [];
  if (number === "") throw new InvalidArgumentError("It takes a number of bytes such as 33554432 or 32MiB.");
  return Number(number) * 1024 ** ["", "k", "m", "g"].indexOf(unit.toLowerCase());
}

/** A day or a moment, as the server takes them; passed on as it is. */
export function moment(text: string): string {
  const known = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2}))?$/.test(text);
  if (!known || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError("It takes a day or a time such as 2026-01-31 or 2026-01-31T12:00:00Z.");
  }
  return text;
}

/** Gathers a repeatable option. */
export function gather(text: string, before: readonly string[]): string[] {
  return [...before, text];
}

import type { ValueKind } from "./setting.js";

/** Text that has to match. `shape` says in words what matches. */
export function text(pattern: RegExp, shape: string): ValueKind<string> {
  return {
    describes: shape,
    parse: (given) => (pattern.test(given) ? { value: given } : { problem: `is not ${shape}` }),
  };
}

/** A whole number within bounds, both included. */
export function integer(least: number, most: number): ValueKind<number> {
  const shape = `a whole number from ${least} to ${most}`;
  return {
    describes: shape,
    parse: (given) => {
      const value = Number(given);
      const fits = /^\d+$/.test(given) && value >= least && value <= most;
      return fits ? { value } : { problem: `is not ${shape}` };
    },
  };
}

export const flag: ValueKind<boolean> = {
  describes: "true or false",
  parse: (given) =>
    given === "true" || given === "false" ? { value: given === "true" } : { problem: "is neither true nor false" },
};

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly W[]): ValueKind<W> {
  const shape = `one of ${words.join(", ")}`;
  return {
    describes: shape,
    parse: (given) => {
      const value = words.find((word) => word === given);
      return value === undefined ? { problem: `is not ${shape}` } : { value };
    },
  };
}

/**
 * Items separated by commas, blanks around them ignored; an empty text is an empty list. Or a list of YAML in the stack's
 * file, which Pulumi gives as JSON.
 */
export function list<T>(item: ValueKind<T>): ValueKind<readonly T[]> {
  return {
    describes: `${item.describes}; several separated by commas, or a YAML list`,
    parse: (given) => {
      const parts = given.trimStart().startsWith("[") ? jsonItems(given) : separated(given);
      if (parts === undefined) return { problem: "is not a list of texts" };
      const value: T[] = [];
      for (const [index, part] of parts.entries()) {
        if (parts.indexOf(part) !== index) return { problem: `has "${part}" twice` };
        const read = item.parse(part);
        if ("problem" in read) return { problem: `has "${part}", which ${read.problem}` };
        value.push(read.value);
      }
      return { value };
    },
  };
}

function separated(given: string): string[] {
  return given.trim() === "" ? [] : given.split(",").map((part) => part.trim());
}

function jsonItems(given: string): string[] | undefined {
  try {
    const items: unknown = JSON.parse(given);
    return Array.isArray(items) && items.every((each) => typeof each === "string") ? items : undefined;
  } catch {
    return undefined;
  }
}

/** What may be left out: an empty text is `undefined`. */
export function optional<T>(kind: ValueKind<T>): ValueKind<T | undefined> {
  return {
    describes: `${kind.describes}, or nothing`,
    parse: (given) => (given === "" ? { value: undefined } : kind.parse(given)),
  };
}

/** An image that is named by what is in it: a tag can be moved, a digest cannot. */
export const imageByDigest = text(
  /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)+@sha256:[0-9a-f]{64}$/,
  "an image with its digest, REGISTRY/NAME@sha256:…",
);

/** An IPv4 network by its first address: Google refuses 198.51.100.7/24, which may be meant as either of two things. */
export const cidr: ValueKind<string> = {
  describes: "an IPv4 network, A.B.C.D/BITS",
  parse: (given) => {
    const shaped = CIDR.exec(given);
    if (shaped === null) return { problem: "is not an IPv4 network, A.B.C.D/BITS" };
    const bits = Number(shaped[2]);
    const address = (shaped[1] ?? "").split(".").reduce((all, byte) => all * 256 + Number(byte), 0);
    const first = address - (address % 2 ** (32 - bits));
    if (first === address) return { value: given };
    const written = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
    return { problem: `is an address within ${written}/${bits}: write that, or ${shaped[1]}/32` };
  },
};

const CIDR = /^((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d))\/(3[0-2]|[12]?\d)$/;

export const domainName = text(
  /^(?=.{4,200}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
  "a domain name in lower case without a trailing dot",
);

export const emailAddress = text(/^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/, "an e-mail address");

import { RE2JS, RE2JSSyntaxException } from "re2js";

/** A compiled regular expression. */
export interface Pattern {
  readonly kind: "pattern";
  /** Instructions of its program: a test takes at most this many steps for each character. */
  readonly size: number;
  /** True when it is found anywhere in the text. */
  test(text: string): boolean;
}

/** Why a regular expression does not compile. */
export interface PatternProblem {
  readonly kind: "problem";
  readonly message: string;
  readonly hint: string;
}

/** States of its automaton that a pattern keeps between texts; beyond, it makes them anew. Some hundred bytes each. */
const MAX_KEPT_STATES = 256;

const MAX_SHOWN = 40;

/** Compiles with the grammar and the guarantees of RE2 (https://github.com/google/re2/wiki/Syntax): linear time. */
export function compilePattern(regex: string): Pattern | PatternProblem {
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(regex);
  } catch (error) {
    return problemOf(error);
  }
  return {
    kind: "pattern",
    size: compiled.programSize(),
    test: (text) => {
      const found = compiled.test(text);
      const { dfa } = compiled.re2();
      if (dfa.stateCount > MAX_KEPT_STATES) dfa.clearCache();
      return found;
    },
  };
}

function problemOf(error: unknown): PatternProblem {
  const kind = "problem";
  const syntax = "write it as for RE2; look-around and back references do not exist there";
  if (!(error instanceof RE2JSSyntaxException)) {
    return { kind, message: "is too large to compile", hint: "make its repetitions smaller" };
  }
  const part = error.getPattern();
  const shown = part === null || part === "" ? "" : `: ${JSON.stringify(part.slice(0, MAX_SHOWN))}`;
  return { kind, message: `is no regular expression: ${error.getDescription()}${shown}`, hint: syntax };
}

import { WEBHOOK_LIMITS } from "./webhook-limits.js";

/** A JSON value as rules see it. `text` is what the sender wrote; of a string it is what the string says. */
export type JsonNode =
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "object"; readonly text: string; readonly members: ReadonlyMap<string, JsonNode> }
  | { readonly kind: "array"; readonly text: string; readonly items: readonly JsonNode[] };

/**
 * Reads JSON (RFC 8259) from strangers. Why not JSON.parse: numbers stay as they were written (an id of 19 digits is no
 * double), `__proto__` is a name as any other, and depth and number of values are bounded. Of repeated names the last counts.
 */
export function readJson(text: string): JsonNode | { readonly kind: "problem"; readonly message: string } {
  const reader = new Reader(text);
  const node = reader.document();
  return node ?? { kind: "problem", message: reader.problem };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

class Reader {
  problem = "the body is not JSON";
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode | undefined {
    this.#space();
    const node = this.#value(0);
    if (node === undefined) return undefined;
    this.#space();
    return this.#at === this.#text.length ? node : undefined;
  }

  #value(depth: number): JsonNode | undefined {
    this.#values += 1;
    if (this.#values > WEBHOOK_LIMITS.jsonValues) {
      return this.#refuse(`the body has more than ${WEBHOOK_LIMITS.jsonValues} JSON values`);
    }
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth + 1);
      case "[":
        return this.#array(depth + 1);
      case '"': {
        const text = this.#string();
        return text === undefined ? undefined : { kind: "scalar", text };
      }
      default:
        return this.#literal();
    }
  }

  #object(depth: number): JsonNode | undefined {
    if (depth > WEBHOOK_LIMITS.jsonDepth) return this.#tooDeep();
    const start = this.#at;
    const members = new Map<string, JsonNode>();
    if (!this.#opens("}")) {
      do {
        this.#space();
        const name = this.#string();
        if (name === undefined) return undefined;
        this.#space();
        if (!this.#take(":")) return undefined;
        this.#space();
        const value = this.#value(depth);
        if (value === undefined) return undefined;
        members.set(name, value);
        this.#space();
      } while (this.#take(","));
      if (!this.#take("}")) return undefined;
    }
    return { kind: "object", text: this.#text.slice(start, this.#at), members };
  }

  #array(depth: number): JsonNode | undefined {
    if (depth > WEBHOOK_LIMITS.jsonDepth) return this.#tooDeep();
    const start = this.#at;
    const items: JsonNode[] = [];
    if (!this.#opens("]")) {
      do {
        this.#space();
        const value = this.#value(depth);
        if (value === undefined) return undefined;
        items.push(value);
        this.#space();
      } while (this.#take(","));
      if (!this.#take("]")) return undefined;
    }
    return { kind: "array", text: this.#text.slice(start, this.#at), items };
  }

  /** Steps over the opening bracket; true when the closing one follows. */
  #opens(closing: string): boolean {
    this.#at += 1;
    this.#space();
    return this.#take(closing);
  }

  #string(): string | undefined {
    if (!this.#take('"')) return undefined;
    const start = this.#at;
    let escaped = false;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) {
        const raw = this.#text.slice(start, this.#at);
        this.#at += 1;
        return escaped ? unescaped(raw) : raw;
      }
      if (code < 0x20) return undefined;
      if (code !== BACKSLASH) continue;
      escaped = true;
      this.#at += 1;
    }
    return undefined;
  }

  #literal(): JsonNode | undefined {
    for (const word of ["true", "false", "null"]) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return { kind: "scalar", text: word };
    }
    NUMBER.lastIndex = this.#at;
    const [text] = NUMBER.exec(this.#text) ?? [];
    if (text === undefined) return undefined;
    this.#at += text.length;
    return { kind: "scalar", text };
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  #tooDeep(): undefined {
    return this.#refuse(`the JSON of the body is more than ${WEBHOOK_LIMITS.jsonDepth} levels deep`);
  }

  #refuse(problem: string): undefined {
    this.problem = problem;
    return undefined;
  }
}

/** What a string with escapes says. */
function unescaped(raw: string): string | undefined {
  try {
    const value: unknown = JSON.parse(`"${raw}"`);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

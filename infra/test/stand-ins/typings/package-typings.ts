import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { InterfaceDeclaration, SourceFile, Statement } from "typescript";
import { kept } from "./kept.js";
import { readMembers } from "./read-members.js";
import type { Members } from "./type-expression.js";

// The npm package of a provider carries no schema, but its typings are generated from one: they say which properties there
// are, of which types, and which are required. A stand-in checks what the engine sends it against these, so that a program
// that its author's compiler did not see (an `any`, a cast, a value computed from an output) is refused as Google's own
// provider would refuse it.

/** What there is to say of a resource's type or of a function. */
export interface Typing {
  /** What it takes. */
  readonly inputs: Members;
  /** What it has, or answers. */
  readonly outputs: Members;
}

/** The interfaces that properties refer to, by their names. */
export interface NestedTypes {
  readonly input: Readonly<Record<string, Members>>;
  readonly output: Readonly<Record<string, Members>>;
}

/** The typings of a provider's package: of any of its resources, on demand. */
export class PackageTypings {
  readonly name: string;
  readonly version: string;
  readonly #folder: string;
  readonly #typings = new Map<string, Promise<Typing | undefined>>();
  #nested: Promise<NestedTypes> | undefined;

  /** `name`: as "gcp", of `@pulumi/gcp`. */
  constructor(name: string) {
    const require = createRequire(import.meta.url);
    const file = require.resolve(`@pulumi/${name}/package.json`);
    this.name = name;
    this.version = (require(file) as { version: string }).version;
    this.#folder = dirname(file);
  }

  /** Of a token, as "gcp:compute/network:Network" or "gcp:organizations/getProject:getProject". Undefined when there is none. */
  typing(token: string): Promise<Typing | undefined> {
    const known = this.#typings.get(token);
    if (known !== undefined) return known;
    const typing = this.#read(token);
    this.#typings.set(token, typing);
    return typing;
  }

  nested(): Promise<NestedTypes> {
    this.#nested ??= kept(`${this.name}-${this.version}-nested`, async () => ({
      input: await this.#interfaces("types/input.d.ts"),
      output: await this.#interfaces("types/output.d.ts"),
    }));
    return this.#nested;
  }

  async #read(token: string): Promise<Typing | undefined> {
    const [, path = "", name = ""] = token.split(":");
    const file = await this.#fileOf(path.replace(/^index\//, ""));
    if (file === undefined) return undefined;
    return kept(`${this.name}-${this.version}-${path.replaceAll("/", ".")}`, async () => {
      const ts = await typescript();
      const source = await this.#parse(file);
      const declared = (wanted: string): Members | undefined => {
        const found = source.statements.find(
          (each) => (ts.isInterfaceDeclaration(each) || ts.isClassDeclaration(each)) && each.name?.text === wanted,
        );
        if (found === undefined) return undefined;
        return readMembers(ts, source, found as InterfaceDeclaration);
      };
      const upper = name.slice(0, 1).toUpperCase() + name.slice(1);
      const isFunction = upper !== name;
      return {
        inputs: declared(`${upper}Args`) ?? {},
        outputs: declared(isFunction ? `${upper}Result` : name) ?? {},
      };
    });
  }

  /** The file of "projects/iAMMember" is projects/iammember.d.ts. */
  async #fileOf(path: string): Promise<string | undefined> {
    if (!/^[A-Za-z0-9/]+$/.test(path)) return undefined;
    const within = dirname(path);
    const names = await readdir(join(this.#folder, within)).catch(() => []);
    const found = names.find((name) => name.toLowerCase() === `${basename(path)}.d.ts`.toLowerCase());
    return found === undefined ? undefined : join(within, found);
  }

  /** A package without nested types has no such file. */
  async #interfaces(file: string): Promise<Record<string, Members>> {
    if (!existsSync(join(this.#folder, file))) return {};
    const ts = await typescript();
    const source = await this.#parse(file);
    const found: Record<string, Members> = {};
    const visit = (statements: readonly Statement[], within: string): void => {
      for (const each of statements) {
        if (ts.isInterfaceDeclaration(each)) found[within + each.name.text] = readMembers(ts, source, each);
        if (ts.isModuleDeclaration(each) && each.body !== undefined && ts.isModuleBlock(each.body)) {
          visit(each.body.statements, `${within}${each.name.text}.`);
        }
      }
    };
    visit(source.statements, "");
    return found;
  }

  async #parse(file: string): Promise<SourceFile> {
    const ts = await typescript();
    const text = await readFile(join(this.#folder, file), "utf8");
    return ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  }
}

/** Loaded only when something is not kept yet. */
async function typescript(): Promise<typeof import("typescript")> {
  return (await import("typescript")).default;
}

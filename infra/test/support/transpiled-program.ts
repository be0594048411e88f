import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import typescript from "typescript";

export interface TranspiledProgram {
  /** Runs the program from its beginning, and gives what it exports. */
  run(): Record<string, unknown>;
  remove(): Promise<void>;
}

/**
 * Makes a stack's program ready to run in this process, as the engine's host would run it: its TypeScript as CommonJS, in a
 * folder with the packages that it imports, name to folder.
 */
export async function transpiledProgram(
  source: string,
  packages: Readonly<Record<string, string>>,
): Promise<TranspiledProgram> {
  const folder = await mkdtemp(join(tmpdir(), "relay-program-"));
  for (const name of (await readdir(source)).filter((each) => each.endsWith(".ts"))) {
    const { outputText } = typescript.transpileModule(await readFile(join(source, name), "utf8"), {
      fileName: name,
      compilerOptions: {
        module: typescript.ModuleKind.CommonJS,
        target: typescript.ScriptTarget.ES2023,
        esModuleInterop: true,
      },
    });
    await writeFile(join(folder, name.replace(/\.ts$/, ".js")), outputText);
  }
  for (const [name, target] of Object.entries(packages)) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link, "junction");
  }
  const main = join(folder, "index.js");
  const require = createRequire(main);
  return {
    run() {
      for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
      return require(main) as Record<string, unknown>;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

import type { TestProject } from "vitest/node";
import { missingEngines, tellMissing } from "./engines.js";

/** Global setup that ends a run in which engines were missing with one line: what did not run, and how to enable it. */
export default function setup(project: TestProject): () => void {
  return () => {
    const modules = project.vitest.state.getTestModules();
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")]);
    const kinds = new Set(skipped.map((test) => test.meta().needsEngine).filter((kind) => kind !== undefined));
    const missing = missingEngines(...kinds);
    if (missing.length > 0) process.stdout.write(`Not all tests ran; ${tellMissing(missing)}\n`);
  };
}

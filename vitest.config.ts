import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Small files that take minutes. */
const LONG = /\/(crash-rounds|engine-every-level-comes-up|engine-lifecycle-[a-z-]+|kms-away)\.test\.ts$/;

/** Starts the longest files first: vitest goes by size. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    const sorted = await super.sort(files);
    const rank = (file: { moduleId: string }) => (LONG.test(file.moduleId) ? 0 : 1);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["{provider-schema,server,agent,bench}/{src,test}/**/*.test.ts", "infra/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["server/test/support/global-setup.ts", "provider-schema/test/support/tell-missing-engines.ts"],
    // Processes, databases and sockets: forks keep them apart, two at a time suit two cores.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: false,
    allowOnly: false,
    disableConsoleIntercept: true,
    // The summary of this reporter is the last thing printed.
    reporters: ["default"],
  },
});

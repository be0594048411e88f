import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{server,agent,bench}/{src,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["server/test/support/global-setup.ts"],
    // Processes, databases and sockets: forks keep them apart, two at a time suit two cores.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 30_000,
    passWithNoTests: false,
    allowOnly: false,
    disableConsoleIntercept: true,
    // The summary of this reporter is the last thing printed.
    reporters: ["default"],
  },
});

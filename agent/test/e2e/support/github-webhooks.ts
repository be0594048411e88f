import { createRequire } from "node:module";

export interface GithubEvent {
  readonly name: string;
  /** Payloads of this event, as GitHub sent them. */
  readonly examples: readonly unknown[];
}

const require = createRequire(import.meta.url);

/** Every published example. Not imported: the package's types describe a module, and its entry is a JSON file. */
export function githubWebhooks(): readonly GithubEvent[] {
  return require("@octokit/webhooks-examples");
}

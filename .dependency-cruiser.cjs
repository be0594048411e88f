// Dependencies point one way: main -> server -> (ingress | admin | hub | delivery) -> store; ingress and delivery meet
// only in the store and in the server that puts them together; the agent knows nothing of the server but the wire and how
// a destination is called.
const within = (...folders) => `^server/src/(${folders.join("|")})/`;

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "agent-knows-only-the-wire",
      severity: "error",
      comment:
        "And how a destination is called and a function is run, which agents and servers do alike. Its tests run it against the real server.",
      from: { path: "^agent/", pathNot: "^agent/test/" },
      to: { path: "^(server|bench)/", pathNot: "^server/(src|dist)/(wire|destination|functions)/" },
    },
    {
      name: "bench-knows-only-the-wire",
      severity: "error",
      comment: "It measures the programs from outside, as processes.",
      from: { path: "^bench/" },
      to: { path: "^(server|agent)/", pathNot: "^server/(src|dist)/wire/" },
    },
    {
      name: "server-knows-only-the-schema",
      severity: "error",
      from: { path: "^server/" },
      to: { path: "^(agent|bench)/" },
    },
    {
      name: "schema-knows-no-other-package",
      severity: "error",
      from: { path: "^provider-schema/", pathNot: "^provider-schema/test/" },
      to: { path: "^(server|agent|bench)/" },
    },
    {
      name: "infra-knows-nothing-of-ours",
      severity: "error",
      comment: "It deploys an image by name, and is written for whoever knows Pulumi alone.",
      from: { path: "^infra/", pathNot: "^infra/test/" },
      to: { path: "^(server|agent|provider-schema|bench)/" },
    },
    {
      name: "wire-knows-nothing-above",
      severity: "error",
      from: { path: within("wire") },
      to: { path: "^server/src/", pathNot: within("wire") },
    },
    {
      name: "destination-knows-only-the-wire",
      severity: "error",
      comment: "Agents use it: nothing of the server may come along.",
      from: { path: within("destination"), pathNot: "\\.test\\.ts$" },
      to: { path: "^(server/(src|dist)|provider-schema|agent)/", pathNot: within("destination", "wire") },
    },
    {
      name: "store-knows-nothing-above",
      severity: "error",
      from: { path: within("store") },
      to: { path: within("ingress", "hub", "delivery", "pull", "resend", "admin", "manifest", "quickstart") },
    },
    {
      name: "ingress-and-delivery-meet-in-the-store",
      severity: "error",
      from: { path: within("ingress") },
      to: { path: within("delivery", "hub", "admin", "manifest") },
    },
    {
      name: "delivery-does-not-know-ingress",
      severity: "error",
      from: { path: within("delivery", "hub") },
      to: { path: within("ingress", "admin", "manifest") },
    },
    {
      name: "pulling-and-sending-again-know-only-the-store",
      severity: "error",
      from: { path: within("pull", "resend") },
      to: { path: within("ingress", "hub", "delivery", "admin", "manifest") },
    },
    {
      name: "parts-do-not-know-who-runs-them",
      severity: "error",
      from: { path: "^server/src/[^/]+/", pathNot: within("quickstart") },
      to: { path: "^server/src/(main|server)\\.ts$" },
    },
    {
      name: "configuration-and-database-server-stand-alone",
      severity: "error",
      from: { path: within("config", "postgres", "tls", "crypto") },
      to: { path: within("ingress", "hub", "delivery", "admin", "manifest", "quickstart") },
    },
    {
      name: "no-test-code-in-programs",
      severity: "error",
      from: { path: "/src/", pathNot: "\\.test\\.ts$" },
      to: { path: "(\\.test\\.ts$|/test/)" },
    },
    {
      name: "only-declared-packages",
      severity: "error",
      from: { path: "/src/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"], pathNot: "^node_modules/@types/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules|dist" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "node", "default"] },
  },
};

import { afterEach, expect, test } from "vitest";
import { describePulumi } from "../../provider-schema/test/support/describe-engine.js";
import { type InfraProject, makeInfraProject } from "./support/infra-project.js";
import { relayProgram } from "./support/relay-program.js";

describePulumi("a wrong configuration", (engine) => {
  let infra: InfraProject | undefined;
  afterEach(() => infra?.close());

  test("is told whole, in the preview, without a stack trace", { timeout: 120_000 }, async () => {
    const { main, project: name } = relayProgram("prod");
    const config = { "gcp:project": "relay-test", level: "prod", domian: "relay.example.com", natAddresses: "99" };
    infra = await makeInfraProject(engine, { main, name, config });
    const { exitCode, text } = await infra.project.run(["preview", "--stack=test"]);
    expect(exitCode).not.toBe(0);
    expect(text).toContain("The stack's configuration has 6 problems:");
    expect(text).toContain("gcp:region is not set. Set it: pulumi config set gcp:region europe-west3");
    expect(text).toContain("relay:domian is not a setting. Did you mean relay:domain?");
    expect(text).toContain('relay:natAddresses is "99", which is not a whole number from 1 to 16.');
    expect(text).not.toContain("readConfig");
  });
});

import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { describeTerraform } from "./support/describe-engine.js";
import { makeRelayProject, SOURCE } from "./support/relay-terraform.js";

const PAGE = new URL("../../docs/terraform.md", import.meta.url);

describeTerraform("docs/terraform.md", (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await runServer();
  });
  afterAll(() => server.close());

  test("shows a configuration that can be applied, and imports that work", async () => {
    const page = await readFile(PAGE, "utf8");
    const blocks = [...page.matchAll(/```hcl\n([\s\S]*?)```/g)].map(([, text = ""]) => text);
    expect(blocks.length).toBeGreaterThan(5);
    const project = await makeRelayProject(engine, server, {});
    try {
      await project.write("main.tf.json", {});
      await project.write("main.tf", blocks.join("\n").replace("relay.local/relay/relay", SOURCE));
      const env = { TF_VAR_github_token: "a token for GitHub" };
      await project.apply(undefined, [], { env });
      const again = await project.plan([], { env });
      expect(again.actions).toEqual({});
      const outputs = await project.outputs();
      expect(outputs.relay).toMatchObject({ url: outputs.payload_url, outputs: ["http://ci.internal:8080/hooks"] });
      for (const [, address = "", id = ""] of page.matchAll(/^terraform import (\S+) (\S+)$/gm)) {
        await project.must(["state", "rm", address]);
        const imported = await project.run(["import", "-input=false", "-no-color", address, id], { env });
        expect(imported.exitCode, imported.text).toBe(0);
      }
    } finally {
      await project.close();
    }
  });
});

import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, expect, test } from "vitest";
import * as relay from "../generated/pulumi-sdk/index.js";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const registered: Registered[] = [];

// Pulumi's own stand-in for the engine, for what the package itself does.
beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      registered.push({ type, name, inputs });
      return {
        id: `id of ${name}`,
        state: { ...inputs, url: "https://relay.example.com/v1/webhooks/x", secret: "made" },
      };
    },
    call: ({ token, inputs }) => ({ token, ...inputs }),
  });
});
beforeEach(() => {
  registered.length = 0;
});

const settled = <T>(output: pulumi.Output<T>) =>
  new Promise<T>((resolve) => {
    output.apply((value) => resolve(value as T));
  });

test("registers resources under their types, by the names that Pulumi has for the arguments", async () => {
  const bucket = new relay.Bucket("github", { largeWebhooks: true });
  const output = new relay.Output("ci", { bucket: bucket.id, destination: "http://ci.internal/hooks", lockPath: true });
  expect(await settled(output.bucket)).toBe("id of github");
  expect(registered.map(({ type }) => type)).toEqual(["relay:index:Bucket", "relay:index:Output"]);
  expect(registered[1]?.inputs).toEqual({
    bucket: "id of github",
    destination: "http://ci.internal/hooks",
    lockPath: true,
  });
  expect([relay.Bucket.isInstance(bucket), relay.Bucket.isInstance(output), relay.Bucket.isInstance(null)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("refuses to leave out what is required, in types and when it runs", () => {
  // @ts-expect-error: an output needs a destination
  expect(() => new relay.Output("ci", { bucket: "github" })).toThrow(/Output needs the argument destination/);
  // @ts-expect-error: no such argument
  expect(() => new relay.Bucket("b", { descripton: "x" })).not.toThrow();
  // @ts-expect-error: one of two words
  const args: relay.OutputArgs = { bucket: "b", destination: "http://a/", agents: "some" };
  expect(args.agents).toBe("some");
});

test("asks for data and calls functions by their tokens", async () => {
  expect(await relay.getBucket({ name: "github" })).toMatchObject({ token: "relay:index:getBucket", name: "github" });
  const found = relay.inputUrlOutput({ publicUrl: pulumi.output("https://relay.example.com"), inputId: "x" });
  expect(await settled(found)).toMatchObject({ token: "relay:index:inputUrl", inputId: "x" });
});

import { expect, test } from "vitest";
import { checkProblems } from "./check-problems.js";
import { camelCase } from "./derive/names.js";
import type { Attribute, Attributes, Kind } from "./model.js";
import { SCHEMA } from "./schema.js";

const objects = [...SCHEMA.resources, ...SCHEMA.dataSources, ...SCHEMA.ephemeralResources];

function all(attributes: Attributes, path: string): { path: string; name: string; attribute: Attribute }[] {
  return Object.entries(attributes).flatMap(([name, attribute]) => [
    { path: `${path}.${name}`, name, attribute },
    ...all(inside(attribute.kind), `${path}.${name}`),
  ]);
}

function inside(kind: Kind): Attributes {
  if (kind.type === "object") return kind.attributes;
  return "of" in kind ? inside(kind.of) : {};
}

const attributes = objects.flatMap(({ name, attributes }) => all(attributes, name));

test.each(attributes)("$path is well-formed", ({ name, attribute }) => {
  expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  // Terraform keeps these names for itself.
  expect(["count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection"]).not.toContain(name);
  expect(camelCase(name)).not.toContain("_");
  expect(attribute.doc).toMatch(/[.)]$/);
  if (attribute.secret === "given") expect(attribute.presence).toBe("optional");
  if (attribute.secret === "shown-once") expect(attribute.presence).toBe("computed");
  if (attribute.stable) expect(attribute.presence).toBe("computed");
});

test.each(attributes.filter(({ attribute }) => attribute.check !== undefined))(
  "what $path shows and means when absent passes its own check",
  ({ attribute: { check, example, presence } }) => {
    const values = [example, typeof presence === "object" ? presence.default : undefined];
    for (const value of values) {
      if (value !== undefined && check !== undefined) expect(checkProblems(check, value)).toEqual([]);
    }
  },
);

test("parents come before what belongs to them, and are referred to by an attribute of their name", () => {
  const seen = new Set<string>();
  for (const { name, parent, attributes: own } of SCHEMA.resources) {
    if (parent !== undefined) {
      expect(seen).toContain(parent);
      expect(own[parent]).toMatchObject({ presence: "required", immutable: true });
    }
    seen.add(name);
  }
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { LEVELS } from "../config/level.js";
import { readConfig } from "../config/read-config.js";
import { REQUIRED } from "../config/setting.js";
import { SETTINGS } from "../config/settings.js";

const PLACEHOLDER = "CHANGE-ME";

describe.each(LEVELS)("Pulumi.%s.yaml", (level) => {
  const file = readFileSync(new URL(`../../Pulumi.${level}.yaml`, import.meta.url), "utf8");

  test("is refused as it is, and every placeholder left in it is named", () => {
    const left = Object.entries(configOf(file)).filter(([, value]) => value.includes(PLACEHOLDER));
    expect(left.length).toBeGreaterThan(0);
    for (const [key] of left) expect(() => read(file)).toThrow(`${key} is `);
    expect(() => read(file)).toThrow("the sample's placeholder");
  });

  test("is accepted once they are replaced, and is of its level", () => {
    const filled = file
      .replaceAll(`gcp:project: ${PLACEHOLDER}`, "gcp:project: my-project")
      .replaceAll(`${PLACEHOLDER}/32`, "203.0.113.7/32")
      .replaceAll(PLACEHOLDER, "example.com");
    expect(read(filled).level).toBe(level);
  });

  test("says why of every setting in it, and sets nothing that is the default anyway", () => {
    const lines = file.split("\n");
    for (const [name, value] of Object.entries(configOf(file))) {
      const key = name.replace(/^relay:/, "");
      if (!(key in SETTINGS)) continue;
      const line = lines.findIndex((each) => each.startsWith(`  ${name}:`));
      expect(lines[line - 1], name).toMatch(/^ {2}# /);
      const byDefault = SETTINGS[key as keyof typeof SETTINGS].defaults[level];
      expect(byDefault === REQUIRED || String(byDefault) !== value, name).toBe(true);
    }
  });
});

/** Values as `pulumi.Config` gives them: texts, lists as JSON. */
function configOf(file: string): Record<string, string> {
  const { config } = parse(file) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, Array.isArray(value) ? JSON.stringify(value) : String(value)]),
  );
}

function read(file: string) {
  const config = configOf(file);
  const keys = Object.keys(config).filter((key) => key.startsWith("relay:"));
  return readConfig({
    get: (key) => config[`relay:${key}`],
    gcp: (key) => config[`gcp:${key}`],
    keys: keys.map((key) => key.slice("relay:".length)),
  });
}

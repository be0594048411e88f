import { expect, test } from "vitest";
import { LEVELS } from "../config/level.js";
import { differenceText, inventoryText } from "./support/inventory-text.js";
import { programOf } from "./support/program.js";

const HOW_TO_UPDATE =
  "The program makes something else than infra/test/inventory says. If it is meant to: npm run test:infra -- -u, and commit the difference for review.";

test.each(LEVELS)("%s makes what was reviewed", async (level) => {
  const text = inventoryText(await programOf(level));
  await expect(text).toMatchFileSnapshot(`inventory/${level}.yaml`, HOW_TO_UPDATE);
});

test("prod on Autopilot differs from prod as was reviewed", async () => {
  const text = differenceText(await programOf("prod", { autopilot: "true" }), await programOf("prod"));
  await expect(text).toMatchFileSnapshot("inventory/prod-autopilot.yaml", HOW_TO_UPDATE);
});

test("dev without an image differs from dev as was reviewed", async () => {
  const text = differenceText(
    await programOf("dev", { image: undefined, proxyImage: undefined }),
    await programOf("dev"),
  );
  await expect(text).toMatchFileSnapshot("inventory/dev-without-image.yaml", HOW_TO_UPDATE);
});

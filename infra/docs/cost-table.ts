import { LEVELS } from "../config/level.js";
import { monthlyCost, sumOf } from "./monthly-cost.js";
import { REGION, SOURCES } from "./price-list.js";

/** The bills of the levels as Markdown. */
export function costTable(): string {
  const bills = LEVELS.map((level) => {
    const items = monthlyCost(level);
    const rows = items.map((item) =>
      item.kind === "priced"
        ? `| ${item.what} | ${item.price.usd} per ${item.price.unit} | ${item.usd.toFixed(2)} |`
        : `| ${item.what} | see ${item.lookUp} | |`,
    );
    return [
      `**${level}**`,
      "",
      "| item | price, US dollars | in a month |",
      "|---|---|---:|",
      ...rows,
      `| **sum of the lines with a figure** | | **${sumOf(items).toFixed(2)}** |`,
    ].join("\n");
  });
  const sources = Object.values(SOURCES).map((source) => `- ${source}`);
  return [
    `List prices of ${REGION}, without discounts and tax; a month has 730 hours. Other regions differ.`,
    "",
    bills.join("\n\n"),
    "",
    "Where the prices are from:",
    "",
    ...sources,
  ].join("\n");
}

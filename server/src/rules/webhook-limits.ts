/** How much of a webhook rules look at. A webhook of any size is delivered or rejected; these bound what deciding costs. */
export const WEBHOOK_LIMITS = {
  /** Bytes of the body that texts and regular expressions are looked for in; the payload of a larger body is not read. */
  bodyBytes: 1_048_576,
  /** Characters of a text that a regular expression looks at. */
  regexCharacters: 65_536,
  /** Characters times instructions that the regular expressions of one output take for one webhook, each. */
  regexSteps: 4_194_304,
  /** Values in a JSON body. */
  jsonValues: 100_000,
  /** Objects and arrays one inside another in a JSON body. */
  jsonDepth: 64,
  /** Fields in a form body, and parameters in a query. */
  fields: 10_000,
} as const;

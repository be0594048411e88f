import type { Attributes, ProviderSchema } from "../../model.js";

/** The provider's arguments as attributes. */
export function providerArguments({ arguments: all }: ProviderSchema): Attributes {
  return Object.fromEntries(Object.entries(all).map(([name, { attribute }]) => [name, attribute]));
}

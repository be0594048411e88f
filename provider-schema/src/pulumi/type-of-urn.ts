/** `urn:pulumi:stack::project::parent$type::name`: the type behind the types of its parents. */
export function typeOfUrn(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

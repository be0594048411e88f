/** The longest id that is made from a stack's name. */
const account = (stack: string) => `relay-${stack}-migrations`;

/** Google's limit for a service account's id (cloud.google.com/iam/docs/service-accounts-create). */
const ACCOUNT_CHARACTERS = 30;
/** PostgreSQL's limit for a role's name (NAMEDATALEN): a program's role is named after its account and project. */
const ROLE_CHARACTERS = 63;

/** What is wrong with a stack's name, which is part of names at Google that are unique in the project; undefined if nothing is. */
export function stackNameProblem(stack: string, project: string): string | undefined {
  if (!/^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(stack)) {
    return `The stack's name "${stack}" becomes part of names at Google: small letters, digits and hyphens, from a letter to a letter or digit. Name it so: pulumi stack rename prod`;
  }
  const over = Math.max(
    account(stack).length - ACCOUNT_CHARACTERS,
    `${account(stack)}@${project}.iam`.length - ROLE_CHARACTERS,
  );
  if (over <= 0) return undefined;
  const most = stack.length - over;
  return `The stack's name "${stack}" is too long by ${over}: Google takes ${ACCOUNT_CHARACTERS} characters in the id of a service account, and PostgreSQL ${ROLE_CHARACTERS} in the name of a role. ${most} are left for it in the project ${project}. Shorten it: pulumi stack rename prod`;
}

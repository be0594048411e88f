/** The engine asks for a type or function that this version does not have. */
export class UnknownTokenError extends TypeError {
  override name = "UnknownTokenError";

  constructor(token: string) {
    super(`this version of the provider has no ${token}`);
  }
}

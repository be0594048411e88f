/** A mistake of the function that calls us: raised inside the guest with its message, where the function may catch it. */
export class GuestMistake extends Error {
  override readonly name = "GuestMistake";
}

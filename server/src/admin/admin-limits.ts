import { GuessLimit } from "../auth/guess-limit.js";
import { KeyedRateLimit } from "../auth/keyed-rate-limit.js";

/** The limits of the management API: made once for a server, so that a second listener is no second budget. */
export interface AdminLimits {
  readonly guesses: GuessLimit;
  readonly perToken: KeyedRateLimit;
}

const DEFAULT_REQUEST_LIMIT = { burst: 1_200, perSecond: 4 };

/** `requestLimit`: requests per token; 1,200 in 5 minutes unless told otherwise. */
export function adminLimits(requestLimit: { burst: number; perSecond: number } = DEFAULT_REQUEST_LIMIT): AdminLimits {
  return { guesses: new GuessLimit(), perToken: new KeyedRateLimit(requestLimit) };
}

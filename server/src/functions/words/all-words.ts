import { ANSWER_WORDS } from "./answer-words.js";
import { CIPHER_WORDS } from "./cipher-words.js";
import { CRYPTO_WORDS } from "./crypto-words.js";
import { HTTP_WORDS } from "./http-words.js";
import { OUTCOME_WORDS } from "./outcome-words.js";
import { REQUEST_WORDS } from "./request-words.js";
import { TIME_WORDS } from "./time-words.js";
import type { Word } from "./word.js";

/** All that a guest can ask for: there is no other way out of it. */
export const ALL_WORDS: ReadonlyMap<string, Word> = new Map(
  Object.entries({
    ...REQUEST_WORDS,
    ...ANSWER_WORDS,
    ...CRYPTO_WORDS,
    ...CIPHER_WORDS,
    ...HTTP_WORDS,
    ...OUTCOME_WORDS,
    ...TIME_WORDS,
  }),
);

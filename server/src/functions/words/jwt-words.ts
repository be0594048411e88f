import { signJwt } from "./sign-jwt.js";
import { verifyJwt } from "./verify-jwt.js";
import type { Word } from "./word.js";

/** Signed tokens (JWT, RFC 7519). Claims and options pass as JSON. */
export const JWT_WORDS: Readonly<Record<string, Word>> = {
  jwtSign: (_run, args) => signJwt(args, Date.now() / 1000),
  jwtVerify: (_run, args) => verifyJwt(args, Date.now() / 1000),
};

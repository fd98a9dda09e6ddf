import { createHash, timingSafeEqual } from "node:crypto";

/** Whose request it is, and the names of the tools and agents that they may call. */
export interface Access {
  /** Whose calls they are: nobody else gets their results. */
  subject: string;
  /** The only ones that are listed and may be called; `"all"`: everything that the endpoint offers. */
  tools: readonly string[] | "all";
}

/** Says who asks, or nobody (undefined), or an answer of one's own. It is asked for each request. */
export type AuthorizeMcp = (
  request: Request,
) => Access | Response | undefined | Promise<Access | Response | undefined>;

/** A shorter token could be guessed. */
const MIN_TOKEN_LENGTH = 16;

/**
 * Lets in whoever shows one of these tokens as `Authorization: Bearer …`.
 * @throws TypeError for a token of fewer than 16 characters, or with blanks.
 */
export function bearerTokens(list: readonly (Access & { token: string })[]): AuthorizeMcp {
  const known = list.map(({ token, ...access }) => {
    if (token.length >= MIN_TOKEN_LENGTH && !/\s/.test(token)) return { digest: sha256(token), access };
    throw new TypeError(
      `bearerTokens: the token of "${access.subject}": expected at least ${MIN_TOKEN_LENGTH} characters and no blanks, got ${token.length} characters`,
    );
  });
  return (request) => {
    const [, shown] = /^bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (shown === undefined) return undefined;
    const digest = sha256(shown);
    // All are compared, each in constant time, so that how long it takes tells nothing.
    return known.filter((one) => timingSafeEqual(one.digest, digest))[0]?.access;
  };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest();

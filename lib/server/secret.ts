import { createHmac } from "node:crypto";

/** A shorter secret could be guessed. */
const MIN_SECRET_LENGTH = 16;

/**
 * What ids are signed with: a secret of the user's, else one made from Restate's token.
 * @param taker what was given the options, for the message.
 * @throws TypeError where there is neither, or the secret is too short.
 */
export function secretOf(
  taker: string,
  { secret, restate: { token } }: { secret?: string | undefined; restate: { token?: string | undefined } },
): string {
  if (secret === undefined && token)
    return createHmac("sha256", token).update("ids of runs").digest("base64url");
  if (secret !== undefined && secret.length >= MIN_SECRET_LENGTH) return secret;
  const came = secret === undefined ? "neither it nor a token" : `${secret.length}`;
  throw new TypeError(
    `${taker}: secret: expected at least ${MIN_SECRET_LENGTH} characters, which are yours alone, got ${came}`,
  );
}

import { cleanMessage } from "../runtime/index.ts";

const LOG_IN = "Log in again (aws sso login), or set AWS_PROFILE or other credentials.";

/** What AWS's errors mean, by name. */
const MEANINGS: readonly [names: RegExp, what: string, advice: string][] = [
  [/^(ExpiredToken|ExpiredTokenException|TokenProviderError)$/, "the AWS session has expired", LOG_IN],
  [/^CredentialsProviderError$/, "there are no AWS credentials", LOG_IN],
  [
    /^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch)$/,
    "AWS does not accept the credentials",
    LOG_IN,
  ],
  [
    /^(TooManyRequestsException|ThrottlingException)$/,
    "Lambda throttles management requests",
    "Try again in a minute.",
  ],
];
const NETWORK = /^(ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT)$/;

/** An error in plain words, and what to do about it if that is known. */
interface Explanation {
  what: string;
  advice?: string;
}

/**
 * Explains an error of AWS's client.
 * @param region the region that was asked, if known.
 * @param service what was asked. Default: Lambda.
 */
export function explainAwsError(error: unknown, region?: string, service = "Lambda"): Explanation {
  const { name = "", message = "", code = "" } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  // Exchanging a token for credentials fails under the same name whatever the reason.
  if (/token.*expired|session has expired/i.test(message)) {
    return { what: "the AWS session has expired", advice: LOG_IN };
  }
  const meaning = MEANINGS.find(([names]) => names.test(name));
  if (meaning) return { what: meaning[1], advice: meaning[2] };
  if (/region is missing/i.test(message)) {
    return { what: "no AWS region is set", advice: "Set AWS_REGION, such as us-east-1." };
  }
  if (name === "AccessDeniedException" || name === "AccessDenied") {
    const [, action] = /perform: (\S+)/.exec(message) ?? [];
    return {
      what: `these AWS credentials may not do ${action ?? "this"}`,
      advice: `Ask for the permission ${action ?? ""}, or use another AWS_PROFILE.`.replace("  ", " "),
    };
  }
  if (NETWORK.test(code)) {
    return {
      what: `${service} does not answer${region ? ` in ${region}` : ""} (${code})`,
      advice: "Check the network, and that AWS_REGION is the name of a region.",
    };
  }
  return { what: cleanMessage(error) };
}

/** An error of AWS's client in plain words; any other error unchanged. */
export function inWords(error: unknown): unknown {
  if (!isAwsError(error)) return error;
  const { what, advice } = explainAwsError(error);
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1)}`.replace(/[^.]$/, "$&.");
  return new Error(advice === undefined ? sentence : `${sentence} ${advice}`, { cause: error });
}

/** AWS's client marks the errors it throws, whether AWS answered or not. */
function isAwsError(error: unknown): boolean {
  return (
    error instanceof Error &&
    ("$metadata" in error || "tryNextLink" in error || /region is missing/i.test(error.message))
  );
}

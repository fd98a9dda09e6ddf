/** The longest error message that reaches a model or a person, in characters. */
const MAX_MESSAGE_LENGTH = 500;

/**
 * An error's message, fit for a model or a person: the first line only (stacks and dumps follow it), without ARNs,
 * credentials in URLs or the given secret values, at most 500 characters.
 */
export function cleanMessage(error: unknown, secretValues: readonly string[] = []): string {
  const text = withoutSecrets(error instanceof Error ? error.message : String(error), secretValues);
  const firstLine = text.trim().split("\n", 1)[0] ?? "";
  const redacted = firstLine
    .replace(/arn:aws[\w-]*:\S+/g, "[arn]")
    // Up to the last @ before the host's end: a password may have one itself.
    .replace(/:\/\/[^\s/"]+@/g, "://[secret]@");
  if (redacted === "") return "failed without a message";
  return redacted.length <= MAX_MESSAGE_LENGTH ? redacted : `${redacted.slice(0, MAX_MESSAGE_LENGTH)}…`;
}

/**
 * Shorter values are no secrets worth the name, and stand in messages by chance: "1" or "eu" would be hidden everywhere.
 * In characters.
 */
const MIN_SECRET_LENGTH = 8;

/** A text without these values: as they are, as URLs write them, and the passwords of those that are URLs. */
function withoutSecrets(text: string, values: readonly string[]): string {
  return values
    .flatMap(spellings)
    .filter((spelling) => spelling.length >= MIN_SECRET_LENGTH)
    .sort((a, b) => b.length - a.length)
    .reduce((message, spelling) => message.replaceAll(spelling, "[secret]"), text);
}

function spellings(value: string): string[] {
  const password = URL.parse(value)?.password ?? "";
  return [value, password].flatMap((spelling) => [
    spelling,
    decoded(spelling),
    encodeURIComponent(decoded(spelling).toWellFormed()),
  ]);
}

/** Without percent signs that stand for other characters; as it is where one stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Shorter values are no secrets worth the name, and stand in messages by chance: "1" or "eu" would be hidden everywhere.
 * In characters.
 */
const MIN_SECRET_LENGTH = 8;

/** A text without these values: as they are, as URLs write them, and the passwords of those that are URLs. */
export function withoutSecrets(text: string, values: readonly string[]): string {
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

/** One call found in the user's words. */
export interface Found {
  /** Where in the words it begins. */
  at: number;
  /** How many characters it takes; later readers do not see them. */
  length: number;
  input: Record<string, unknown>;
}

/** What the offline model knows about one tool. */
export interface Words {
  /** A question that is understood. */
  example: string;
  /** Lower numbers read the words first; later readers do not see what has been read. Default: 10. */
  order?: number | undefined;
  /** Finds the useful calls in the user's words. */
  find(words: string): Found[];
  /**
   * Puts a result into words; undefined if it does not have the expected shape.
   * @param sampleData whether the tools' providers are the sandbox's.
   */
  say(input: Record<string, unknown>, output: unknown, sampleData: boolean): string | undefined;
}

/** Where the next request begins, or the sentence ends. */
export const NEXT_REQUEST =
  /[?!\n]|\.(?:\s|$)|,?\s+(?:and|then)\s+(?:also|then|tell|show|give|list|count|how|what|get|check|convert|use)\b/i;

/** The sentences of a text with their positions. A full stop inside a word, as in BRK.B or 1.5, does not end one. */
export function sentencesOf(words: string): { at: number; text: string }[] {
  return [...words.matchAll(/[^\n]+?(?:[.?!]+(?=\s|$)|$|(?=\n))/g)].map((match) => ({
    at: match.index,
    text: match[0],
  }));
}

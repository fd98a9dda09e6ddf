/**
 * What a terminal obeys or hides instead of showing it: control characters (escape sequences begin with one), marks that
 * change the direction of text, characters without width, separators, unpaired surrogates. Line breaks and tabs are text, and
 * so are the joiners U+200C and U+200D, which emoji and several scripts need.
 */
const UNSHOWN = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\n\t\u200C\u200D]]/gv;

/**
 * Makes foreign text safe to show on a terminal: what would act there is escaped as in JSON, such as `\u001b`. JSON stays
 * the same JSON.
 */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSHOWN, escaped);
}

/** The same for text that has to stay on one line: line breaks and tabs are shown as `\n` and `\t`. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/**
 * What a terminal obeys or hides in place of showing it: control characters (escape sequences begin with one), marks that
 * turn the direction of text, characters without width, separators, halves of pairs. Line breaks and tabs are text, and so
 * are the joiners U+200C and U+200D, which emoji and several scripts are written with.
 */
const UNSHOWN = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\n\t\u200C\u200D]]/gv;

/**
 * Makes a text that others wrote safe to show on a terminal: what would act there is shown as in JSON, `\u001b`. JSON stays
 * the same JSON.
 */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSHOWN, escaped);
}

/** The same for a text that is to stay on one line: line breaks and tabs are shown as `\n` and `\t`. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}

/**
 * How deep JSON from outside may nest: far more than anybody writes, far less than what overflows the stack of the code
 * that walks it (JSON.stringify does so at some thousands).
 */
export const MAX_NESTING = 100;

/** F8: whether JSON nests deeper than `MAX_NESTING`. It takes the text, and no recursion, so nothing deep is ever built. */
export function nestsTooDeep(json: string): boolean {
  return tooDeepAt(json) !== undefined;
}

/** The head of JSON that nests too deep, up to where it does: no JSON any more, and still too deep. Other text stays whole. */
export function headOfTooDeep(json: string): string {
  const end = tooDeepAt(json);
  return end === undefined ? json : json.slice(0, end + 1);
}

function tooDeepAt(json: string): number | undefined {
  for (const { index, depth } of brackets(json)) if (depth > MAX_NESTING) return index;
  return undefined;
}

/** JSON with `null` in place of every value that is more than `levels` deep. */
export function withoutDeepest(json: string, levels: number): string {
  const kept: string[] = [];
  let from = 0;
  for (const { index, depth, opens } of brackets(json)) {
    if (depth !== levels + 1) continue;
    if (opens) kept.push(json.slice(from, index), "null");
    else from = index + 1;
  }
  return kept.length === 0 ? json : kept.join("") + json.slice(from);
}

/** Brackets and braces outside of strings; `depth` is that of the value which one opens or closes, 1 for the outermost. */
function* brackets(json: string): Generator<{ index: number; depth: number; opens: boolean }> {
  let depth = 0;
  for (let index = 0; index < json.length; index++) {
    const character = json[index];
    if (character === '"') index = endOfString(json, index);
    else if (character === "[" || character === "{") yield { index, depth: ++depth, opens: true };
    else if (character === "]" || character === "}") yield { index, depth: depth--, opens: false };
  }
}

/** Where the string that begins here ends: its quote, or the end of a text that broke off. */
function endOfString(json: string, begin: number): number {
  for (let index = begin + 1; index < json.length; index++) {
    if (json[index] === "\\") index++;
    else if (json[index] === '"') return index;
  }
  return json.length;
}

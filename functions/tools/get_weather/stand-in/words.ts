import { type Found, sentencesOf, type Words } from "fanout/sandbox";
import * as z from "zod";
import cities from "./cities.json" with { type: "json" };

const ASKS = /\b(?:weather|temperature|forecast|how (?:warm|cold|hot)|rain(?:ing)?|sunny)\b/i;
const WHEN = /\s+(?:today|tonight|now|right now|tomorrow|currently|this \w+|please)$/i;

const output = z.object({
  city: z.string(),
  country: z.string(),
  celsius: z.number(),
  sky: z.string(),
  windKmh: z.number(),
});

/** Weather: known cities wherever they are named, and the names listed after "in". */
export const words: Words = {
  example: "What's the weather in Tokyo and London?",
  find: (words) =>
    sentencesOf(words)
      .filter(({ text }) => ASKS.test(text))
      .flatMap(({ at, text }) => citiesIn(text).map((found) => ({ ...found, at: at + found.at }))),
  say: (_input, result) => {
    const { data } = output.safeParse(result);
    return (
      data && `${data.city}, ${data.country}: ${data.celsius} °C, ${data.sky}, wind ${data.windKmh} km/h.`
    );
  },
};

const asCall = (city: string, at: number): Found => ({ at, length: city.length, input: { city } });

function citiesIn(sentence: string): Found[] {
  const known = cities.flatMap(({ name }) => {
    const match = new RegExp(`(?<!\\p{L})${fold(name)}(?!\\p{L})`, "u").exec(fold(sentence));
    return match ? [{ ...asCall(name, match.index) }] : [];
  });
  const list = /\b(?:in|for|at|of)\s+(.+)$/i.exec(sentence);
  if (!list?.[1]) return known;
  const start = list.index + list[0].length - list[1].length;
  const others = namesIn(list[1]).map((found) => ({ ...found, at: found.at + start }));
  const fresh = others.filter(({ at }) => !known.some((city) => at >= city.at && at < city.at + city.length));
  const found = [...known, ...fresh];
  return found.length > 0 ? found : lowerCaseName(list[1], start);
}

/** Removes accents. The length stays the same, so positions still hold. */
const fold = (text: string) =>
  [...text.toLowerCase()].map((letter) => letter.normalize("NFD").charAt(0)).join("");

/** Capitalised names in a list, up to the first part that is something else. */
function namesIn(list: string): Found[] {
  const found: Found[] = [];
  let at = 0;
  for (const part of list.split(/(\s*,\s*(?:and\s+)?|\s+(?:and|or)\s+|\s*&\s*)/)) {
    const name = part.replace(/[\s?!.]+$/, "").replace(WHEN, "");
    const isName = /^\p{Lu}[\p{L}'’.-]*(?:\s\p{Lu}[\p{L}'’.-]*)*$/u.test(name) && /\p{Ll}/u.test(name);
    const isCountry = cities.some(({ country }) => country === name);
    if (isName && !isCountry) found.push(asCall(name, at));
    else if (!isCountry && !/^\s*(?:,|and|or|&|$)/.test(part)) break;
    at += part.length;
  }
  return found;
}

function lowerCaseName(list: string, at: number): Found[] {
  const [name = ""] = list.split(/[,?!]|\band\b/);
  const city = name.trim().replace(/\.$/, "").replace(WHEN, "");
  return city === "" || city.length > 40 || /^(?:the|my|a)\b/i.test(city) ? [] : [asCall(city, at)];
}

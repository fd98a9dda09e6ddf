import { NEXT_REQUEST, type Words } from "fanout/sandbox";
import * as z from "zod";

const ASKS =
  /\b(?:(?:search|look)(?: on)?(?: the)?(?: web| internet| online)?(?: for| up| about)+|search the web|google|find (?:news|pages|articles|information) (?:on|about)|news (?:on|about))[\s:]+/i;
/** How many pages an answer mentions; the model has seen them all. */
const MENTIONED = 3;

const output = z.object({
  answer: z.string().optional(),
  results: z.array(z.unknown()),
});
const page = z.object({ title: z.string(), url: z.string() });

/** Web search: "search the web for …", "look up …", "news about …". */
export const words: Words = {
  order: 3,
  example: "Search the web for durable execution.",
  find: (words) => {
    const match = ASKS.exec(words);
    if (!match) return [];
    const start = match.index + match[0].length;
    const [query = ""] = words.slice(start).split(NEXT_REQUEST);
    const trimmed = query.trim().replace(/^["“](.*)["”]$/, "$1");
    return trimmed === ""
      ? []
      : [{ at: match.index, length: match[0].length + query.length, input: { query: trimmed } }];
  },
  say: ({ query }, result) => {
    const { data } = output.safeParse(result);
    if (!data) return undefined;
    const pages = data.results.flatMap((item) => page.safeParse(item).data ?? []);
    if (pages.length === 0) return `The web search for "${query}" found nothing.`;
    const listed = pages.slice(0, MENTIONED).map(({ title, url }) => `${title} <${url}>`);
    return `The web search for "${query}" found: ${data.answer ? `${data.answer} ` : ""}${listed.join("; ")}.`;
  },
};

import { fetchJson, implementTool, serve, type ToolContext } from "fanout/tool";
import * as z from "zod";
import tool from "./tool.ts";

/** @see https://docs.tavily.com/documentation/api-reference/endpoint/search */
const search = z.object({
  answer: z.string().nullish(),
  results: z.array(z.object({ title: z.string(), url: z.string(), content: z.string() })),
});

type Context = ToolContext<keyof typeof tool.env, (typeof tool.secrets)[number]>;

/** Searches with Tavily's basic depth, which costs one credit. */
export async function searchWeb(
  { query, maxResults }: z.output<typeof tool.input>,
  { env, secrets, signal }: Context,
) {
  const { answer, results } = await fetchJson(`${env.TAVILY_URL}/search`, {
    provider: "Tavily",
    answer: search,
    method: "POST",
    headers: { authorization: `Bearer ${secrets.TAVILY_API_KEY}` },
    body: { query, max_results: maxResults, search_depth: "basic", include_answer: true },
    signal,
  });
  return {
    ...(answer ? { answer } : {}),
    results: results.map(({ title, url, content }) => ({ title, url, snippet: content })),
  };
}

export const service = implementTool(tool, searchWeb);
export const handler = serve(service);

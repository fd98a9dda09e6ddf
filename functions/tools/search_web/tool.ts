import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "search_web",
  description: "Searches the web and returns the best matching pages with a snippet of each. Source: Tavily.",
  input: z.object({
    query: z.string().trim().min(1).max(400).describe("What to look for, in a few words or as a question."),
    maxResults: z.int().min(1).max(20).default(5).describe("How many pages to return at most."),
  }),
  output: z.object({
    answer: z.string().optional().describe("A short answer drawn from the pages, if there is one."),
    results: z.array(z.object({ title: z.string(), url: z.string(), snippet: z.string() })),
  }),
  env: { TAVILY_URL: "https://api.tavily.com" },
  secrets: ["TAVILY_API_KEY"],
});

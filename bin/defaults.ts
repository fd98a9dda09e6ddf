import type { Defaults } from "fanout/cli";

/**
 * What the command line uses when a person names nothing: which of several agents is asked, and what `npm start` and
 * `npm run deploy` ask. A project with one agent needs none of it.
 */
export const defaults: Defaults = {
  agent: "ParallelToolAgent",
  question: "What's the weather in Tokyo and London? Also the USD to JPY rate, and the AAPL share price.",
  nextQuestion: "How many orders do we have, and what is the weather in Paris?",
  smokeQuestion: "What is the weather in Paris and Tokyo?",
};

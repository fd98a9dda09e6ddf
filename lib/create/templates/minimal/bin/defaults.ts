import type { Defaults } from "fanout/cli";

/** Which agent `start`, `ask` and `deploy` ask, and what, when a person names nothing. */
export const defaults: Defaults = {
  agent: "HolidayAgent",
  question: "Which public holidays do Japan, Norway and Brazil have in May 2027?",
  nextQuestion: "Which public holidays do Norway and Japan have in November 2027?",
};

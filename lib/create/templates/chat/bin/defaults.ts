import type { Defaults } from "fanout/cli";

/** Which agent `start`, `ask` and `deploy` ask, and what, when a person names nothing. */
export const defaults: Defaults = {
  agent: "LeaveAgent",
  question: "Which public holidays do Japan, Norway and Brazil have in May 2027?",
  nextQuestion: "Request leave from 2027-05-06 to 2027-05-07.",
};

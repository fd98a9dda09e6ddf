import type { Defaults } from "fanout/cli";

/** Which agent `start`, `ask` and `deploy` ask, and what, when a person names nothing. */
export const defaults: Defaults = {
  agent: "ClaimDesk",
  question:
    'Assess this claim: {"date": "2024-10-01", "category": "orthopedic", "reason": "broken leg", "amount": 3000, "placeOfService": "General Hospital"}',
  nextQuestion:
    'Assess this claim: {"date": "2024-10-01", "category": "dental", "reason": "crown", "amount": 90000, "placeOfService": "Dr. Who"}',
};

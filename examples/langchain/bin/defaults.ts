import type { Defaults } from "fanout/cli";

export const defaults: Defaults = {
  agent: "ClaimDesk",
  question:
    'Assess this claim: {"date": "2024-10-01", "category": "orthopedic", "reason": "broken leg", "amount": 3000, "placeOfService": "General Hospital"}',
  nextQuestion: "What is the weather in Rome and Paris, and the EUR to JPY rate?",
};

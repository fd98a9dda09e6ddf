/** What a new chat suggests to ask. */
export const EXAMPLE =
  "What's the weather in Tokyo and London? Also the USD to JPY rate, and the AAPL share price.";

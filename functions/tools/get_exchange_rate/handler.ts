import { fetchJson, implementTool, serve, type ToolContext, ToolError } from "fanout/tool";
import * as z from "zod";
import tool from "./tool.ts";

const SOURCE = "European Central Bank reference rates, through Frankfurter";

/** An unknown currency answers 404 with a message. @see https://frankfurter.dev/v1/ */
const latest = z.union([
  z.object({ date: z.string(), rates: z.record(z.string(), z.number()) }),
  z.object({ message: z.string() }),
]);
const currencyNames = z.record(z.string(), z.string());

type Context = ToolContext<keyof typeof tool.env>;

/** Asks for the rate; if there is none, finds out which currency is unknown. */
export async function getExchangeRate({ from, to }: z.output<typeof tool.input>, context: Context) {
  if (from === to) {
    const date = new Date().toISOString().slice(0, 10);
    return { from, to, rate: 1, date, source: "the same currency" };
  }
  const answer = await ask(`latest?${new URLSearchParams({ base: from, symbols: to })}`, latest, context);
  const rate = "rates" in answer ? answer.rates[to] : undefined;
  if (!("rates" in answer) || rate === undefined) throw await unknownCurrency([from, to], context);
  return { from, to, rate, date: answer.date, source: SOURCE };
}

async function unknownCurrency(codes: string[], context: Context): Promise<ToolError> {
  const known = Object.keys(await ask("currencies", currencyNames, context));
  const unknown = codes.filter((code) => !known.includes(code));
  if (unknown.length === 0) return new ToolError(`There is no rate for ${codes.join(" to ")}.`);
  return new ToolError(
    `The European Central Bank has no rate for ${unknown.join(" and ")}. Currencies: ${known.join(", ")}.`,
  );
}

const ask = <Answer extends z.ZodType>(path: string, answer: Answer, { env, signal }: Context) =>
  fetchJson(`${env.FRANKFURTER_URL}/v1/${path}`, { provider: "Frankfurter", answer, accept: [404], signal });

export const service = implementTool(tool, getExchangeRate);
export const handler = serve(service);

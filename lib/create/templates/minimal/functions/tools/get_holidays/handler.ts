import { fetchJson, implementTool, serve, type ToolContext, ToolError } from "fanout/tool";
import * as z from "zod";
import tool from "./tool.ts";

/** A country or a year that Nager.Date does not know is answered with 404. @see https://date.nager.at/Api */
const answers = z.union([tool.output.shape.holidays, z.object({ status: z.literal(404) })]);

type Context = ToolContext<keyof typeof tool.env>;

async function getHolidays({ country, year, month }: z.output<typeof tool.input>, { env, signal }: Context) {
  const answer = await fetchJson(`${env.NAGER_DATE_URL}/api/v3/PublicHolidays/${year}/${country}`, {
    provider: "Nager.Date",
    answer: answers,
    accept: [404],
    signal,
  });
  if ("status" in answer) throw new ToolError(`No holidays are known for the country ${country} in ${year}.`);
  const isAsked = (date: string) => month === undefined || Number(date.slice(5, 7)) === month;
  return { holidays: answer.filter(({ date }) => isAsked(date)) };
}

export const service = implementTool(tool, getHolidays);
export const handler = serve(service);

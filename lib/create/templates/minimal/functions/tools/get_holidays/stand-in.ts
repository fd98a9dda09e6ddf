import { defineStandIn, type Words } from "fanout/sandbox";
import { Hono } from "hono";
import * as z from "zod";
import tool from "./tool.ts";

/** Some countries' holidays that have the same date each year: `[month and day, name, local name]`. */
const COUNTRIES: Record<string, { name: string; holidays: [string, string, string][] }> = {
  BR: {
    name: "Brazil",
    holidays: [
      ["01-01", "New Year's Day", "Confraternização Universal"],
      ["05-01", "Labour Day", "Dia do Trabalhador"],
      ["11-15", "Republic Proclamation Day", "Proclamação da República"],
      ["12-25", "Christmas Day", "Natal"],
    ],
  },
  JP: {
    name: "Japan",
    holidays: [
      ["01-01", "New Year's Day", "元日"],
      ["05-03", "Constitution Memorial Day", "憲法記念日"],
      ["05-04", "Greenery Day", "みどりの日"],
      ["05-05", "Children's Day", "こどもの日"],
      ["11-03", "Culture Day", "文化の日"],
      ["11-23", "Labour Thanksgiving Day", "勤労感謝の日"],
    ],
  },
  NO: {
    name: "Norway",
    holidays: [
      ["01-01", "New Year's Day", "Første nyttårsdag"],
      ["05-01", "Labour Day", "Første mai"],
      ["05-17", "Constitution Day", "Syttende mai"],
      ["12-25", "Christmas Day", "Første juledag"],
      ["12-26", "Boxing Day", "Andre juledag"],
    ],
  },
};

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** How the offline model finds calls in a question, and says what came of each. A real model needs none of this. */
const words: Words = {
  example: "Which public holidays do Japan and Norway have in May 2027?",
  find: (question) => {
    if (!/holiday|days? off/i.test(question)) return [];
    const year = Number(/\b20\d\d\b/.exec(question)?.[0] ?? new Date().getFullYear());
    const month = MONTHS.findIndex((name) => new RegExp(`\\b${name}\\b`).test(question)) + 1;
    return Object.entries(COUNTRIES).flatMap(([country, { name }]) => {
      const at = question.search(new RegExp(`\\b${name}\\b`, "i"));
      const input = { country, year, ...(month > 0 && { month }) };
      return at < 0 ? [] : [{ at, length: name.length, input }];
    });
  },
  say: ({ country }, result) => {
    const { data } = tool.output.safeParse(result);
    const days = data?.holidays.map(({ date, name }) => `${date} ${name}`).join(", ");
    return data && `${COUNTRIES[z.string().parse(country)]?.name ?? country}: ${days || "none"}.`;
  },
};

/** Answers in place of Nager.Date on a laptop and in tests, in its format. @see https://date.nager.at/Api */
export default defineStandIn({
  provider: "nager-date",
  env: (url) => ({ NAGER_DATE_URL: url }),
  app: new Hono().get("/api/v3/PublicHolidays/:year/:country", (c) => {
    const { year, country } = c.req.param();
    const known = COUNTRIES[country];
    if (!known) return c.json({ title: "Not Found", status: 404 }, 404);
    return c.json(
      known.holidays.map(([day, name, localName]) => ({
        date: `${year}-${day}`,
        name,
        localName,
        countryCode: country,
      })),
    );
  }),
  words,
});

import { expect, test } from "vitest";
import type { FunctionSpec } from "./lambda/function.ts";
import { Settings } from "./settings.ts";

const declares = (name: string, env: string[], secrets: string[]): FunctionSpec => ({
  name: `fanout-${name}`,
  codeDir: "unused",
  handler: "index.handler",
  memoryMb: 512,
  timeoutSeconds: 30,
  environment: {},
  declared: { env, secrets },
});
const clock = declares("get_time", ["TIME_URL"], ["TIME_API_KEY"]);
const quotes = declares("get_price", ["QUOTES_URL"], ["QUOTES_KEY"]);
const { declared: _, ...plain } = declares("plain", [], []);

/** Fills in what these people have. @returns the settings by function, and what was said. */
function fillIn(own: Record<string, string>, standIns: Record<string, string> = {}) {
  const said: string[] = [];
  const settings = new Settings({ own: () => own, standIns, say: (text) => said.push(text) });
  const deploy = () => {
    const { functions } = settings.fillIn({
      functions: [clock, quotes, plain],
      registrations: [{ functionName: "fanout-get_time", service: "get_time", private: true }],
    });
    return Object.fromEntries(functions.map(({ name, settings }) => [name, settings]));
  };
  return { deploy, said };
}

test("a function gets the values of what it declares, and no other", () => {
  const { deploy, said } = fillIn({
    TIME_URL: "http://time",
    TIME_API_KEY: "t",
    QUOTES_KEY: "q",
    HOME: "/home/me",
  });
  expect(deploy()).toEqual({
    "fanout-get_time": { TIME_URL: "http://time", TIME_API_KEY: "t" },
    "fanout-get_price": { QUOTES_KEY: "q" },
    "fanout-plain": {},
  });
  expect(said).toEqual([]);
});

test("where a stand-in has a value, a person's stays out", () => {
  const { deploy, said } = fillIn(
    { QUOTES_KEY: "mine", TIME_API_KEY: "t" },
    { QUOTES_KEY: "sandbox-key", QUOTES_URL: "http://sandbox" },
  );
  expect(deploy()["fanout-get_price"]).toEqual({});
  expect(said).toEqual([]);
});

test("a secret without a value is said, by its service and by what to do; one that is empty has none", () => {
  const { deploy, said } = fillIn({ TIME_API_KEY: "" }, { QUOTES_KEY: "sandbox-key" });
  expect(deploy()["fanout-get_time"]).toEqual({});
  expect(said).toEqual(["get_time needs TIME_API_KEY: put it into .env"]);
});

test("it is said again only when something else is missing", () => {
  const own: Record<string, string> = {};
  const { deploy, said } = fillIn(own, { QUOTES_KEY: "sandbox-key" });
  deploy();
  deploy();
  expect(said).toHaveLength(1);
  own.TIME_API_KEY = "t";
  deploy();
  delete own.TIME_API_KEY;
  deploy();
  expect(said).toHaveLength(2);
});

import { expect, test } from "vitest";
import type { AppFunction } from "./app.ts";
import { Settings } from "./settings.ts";

const declares = (name: string, env: string[], secrets: string[]): AppFunction => ({
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

/** Deploys once with each of these settings. @returns each deployment's digests by function, and what was said. */
function settingsOf(own: Record<string, string>, standIns: Record<string, string> = {}) {
  const said: string[] = [];
  const settings = new Settings({ own: () => own, standIns, say: (text) => said.push(text) });
  const deploy = () => {
    const { functions } = settings.applyTo({
      functions: [clock, quotes, plain],
      registrations: [{ functionName: "fanout-get_time", service: "get_time", private: true }],
    });
    return Object.fromEntries(functions.map(({ name, settingsDigest }) => [name, settingsDigest]));
  };
  return { deploy, said };
}

test("a changed value changes the functions that declare it and no others; none contains the value", () => {
  const own: Record<string, string> = { TIME_API_KEY: "t", QUOTES_KEY: "q" };
  const { deploy } = settingsOf(own);
  const before = deploy();
  expect(deploy()).toEqual(before);
  own.TIME_URL = "http://time";
  own.HOME = "/home/me";
  const after = deploy();
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(["fanout-get_time"]);
  expect(JSON.stringify(after)).not.toContain("http://time");
});

test("if a stand-in has a value, the person's changes nothing, and no secret is missing", () => {
  const own: Record<string, string> = { TIME_API_KEY: "t" };
  const { deploy, said } = settingsOf(own, { QUOTES_KEY: "sandbox-key", QUOTES_URL: "http://sandbox" });
  const before = deploy();
  own.QUOTES_KEY = "mine";
  expect(deploy()).toEqual(before);
  expect(said).toEqual([]);
});

test("a secret without a value is reported with its service and what to do; an empty one has no value", () => {
  const { deploy, said } = settingsOf({ TIME_API_KEY: "" }, { QUOTES_KEY: "sandbox-key" });
  deploy();
  expect(said).toEqual(["get_time needs TIME_API_KEY: put it into .env"]);
});

test("it is reported again only when something else is missing", () => {
  const own: Record<string, string> = {};
  const { deploy, said } = settingsOf(own, { QUOTES_KEY: "sandbox-key" });
  deploy();
  deploy();
  expect(said).toHaveLength(1);
  own.TIME_API_KEY = "t";
  deploy();
  delete own.TIME_API_KEY;
  deploy();
  expect(said).toHaveLength(2);
});

import type { ChatCompletionRequest } from "@copilotkit/aimock";
import { describe, expect, test } from "vitest";
import { exchange } from "../../../test/support/exchange.ts";
import { defineStandIn, type StandIns } from "../stand-in.ts";
import { planner } from "./planner.ts";
import type { Words } from "./words.ts";

/** Reads every word that follows a given one: `tide Oslo`. */
const wordAfter = (word: string, field: string, more: Partial<Words> = {}): Words => ({
  example: `${word} Oslo`,
  find: (words) =>
    [...words.matchAll(new RegExp(`${word} (\\w+)`, "gi"))].map((match) => ({
      at: match.index,
      length: match[0].length,
      input: { [field]: match[1] },
    })),
  say: (input, output, sampleData) =>
    typeof output === "number" ? `${input[field]}: ${output}${sampleData ? " (sample)" : ""}` : undefined,
  ...more,
});
const TIDE = defineStandIn({ words: wordAfter("tide", "port") });
const STAND_INS: StandIns = { get_tide: TIDE };

const rollDice = {
  type: "object",
  properties: {
    count: { type: "integer", minimum: 1, default: 1 },
    sides: { type: "integer", minimum: 2 },
    label: { type: "string" },
    loaded: { type: "boolean" },
  },
  required: ["sides"],
};
const port = { type: "object", properties: { port: { type: "string" } }, required: ["port"] };
const PARAMETERS: Record<string, object> = { roll_dice: rollDice, get_tide: port };
const offered = (names: string[]) =>
  names.map((name) => ({
    type: "function" as const,
    function: {
      name,
      description: `Does ${name}. And more.`,
      parameters: PARAMETERS[name] ?? { type: "object", properties: {} },
    },
  }));
const request = (
  words: string,
  tools = ["get_tide", "roll_dice"],
  more: Partial<ChatCompletionRequest> = {},
) => ({
  model: "sandbox",
  messages: [
    { role: "system" as const, content: "Be brief. The tide Bergen has is not asked for." },
    { role: "user" as const, content: words },
  ],
  tools: offered(tools),
  ...more,
});
const reply = (asked: ChatCompletionRequest, standIns = STAND_INS, sampleData = true) =>
  planner(standIns, sampleData)(asked) as {
    content?: string;
    toolCalls?: { name: string; arguments: string }[];
  };
const callsFor = (words: string, standIns = STAND_INS, tools?: string[]) =>
  (reply(request(words, tools), standIns).toolCalls ?? []).map((call) => [
    call.name,
    JSON.parse(call.arguments),
  ]);

describe("the planner asks for all useful calls in one turn", () => {
  test.each([
    ['use roll_dice with sides=20 and label: "attack"', [["roll_dice", { sides: 20, label: "attack" }]]],
    ["Roll dice: 20 sides, count 3, loaded=true", [["roll_dice", { sides: 20, count: 3, loaded: true }]]],
    ['roll_dice {"sides": 8}', [["roll_dice", { sides: 8 }]]],
    ["roll dice", [["roll_dice", { sides: 2 }]]],
    [
      "Roll dice, tide Oslo, tide Rome",
      [
        ["roll_dice", { sides: 2 }],
        ["get_tide", { port: "Oslo" }],
        ["get_tide", { port: "Rome" }],
      ],
    ],
    ["Hello there!", []],
  ])("%s", (words, calls) => {
    expect(callsFor(words)).toEqual(calls);
  });

  test("calls no tool that is not offered", () => {
    expect(callsFor("tide Oslo, roll dice", STAND_INS, ["roll_dice"])).toEqual([["roll_dice", { sides: 2 }]]);
    expect(reply(request("tide Oslo", ["get_tide"], { tool_choice: "none" })).toolCalls).toBeUndefined();
  });

  test("goes by a tool's name if its words are about another contract", () => {
    const standIns = { get_tide: defineStandIn({ words: wordAfter("tide", "place") }) };
    expect(callsFor('tide Oslo, get_tide with port="Rome"', standIns)).toEqual([
      ["get_tide", { port: "Rome" }],
    ]);
  });

  test("words of a lower order read first, and later ones do not see what they have read; the default is 10", () => {
    const standIns = (order: Record<string, number | undefined>): StandIns =>
      Object.fromEntries(
        Object.entries(order).map(([name, order]) => [
          name,
          defineStandIn({ words: wordAfter("tide", "port", { order }) }),
        ]),
      );
    const first = (order: Record<string, number | undefined>) =>
      callsFor("tide Oslo", standIns(order), Object.keys(order)).map(([name]) => name);
    expect(first({ one: undefined, two: undefined })).toEqual(["one"]);
    expect(first({ one: undefined, two: 9 })).toEqual(["two"]);
    expect(first({ one: 11, two: undefined })).toEqual(["two"]);
    expect(first({ one: 10, two: undefined })).toEqual(["one"]);
  });

  test("reports a plausible number of tokens, so that budgets have something to count", () => {
    expect(reply(request("tide Oslo"))).toMatchObject({
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
  });
});

describe("the planner answers", () => {
  const CALLS = exchange(request("anything"), [
    ["get_tide", { port: "Oslo" }, "3"],
    ["get_tide", { port: "Rome" }, '{"no":"number"}'],
    ["get_tide", { port: "Ys" }, "No such port."],
    ["roll_dice", { sides: 20 }, '{"total":17}'],
    ["roll_dice", { sides: 1 }, '{"error":"One side only"}'],
  ]);
  const SOURCE = "Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY for a real model.";

  test("from the results, in the tools' words or as JSON, and says where they come from", () => {
    expect(reply(CALLS).content).toBe(
      [
        "- Oslo: 3 (sample)",
        '- get_tide({"port":"Rome"}) → {"no":"number"}',
        '- get_tide({"port":"Ys"}) failed: No such port.',
        '- roll_dice({"sides":20}) → {"total":17}',
        '- roll_dice({"sides":1}) failed: One side only',
        "",
        `This is the offline sandbox model, which follows fixed rules. The data are sandbox data, not real. ${SOURCE}`,
      ].join("\n"),
    );
    expect(reply(CALLS, STAND_INS, false).content).toContain("- Oslo: 3\n");
  });

  test("with what it could understand, a line for each offered tool, when it understood nothing", () => {
    const { content } = reply(request("Hello there!"));
    expect(content).toContain("- get_tide: Does get_tide. Try: tide Oslo");
    expect(content).toContain("- roll_dice: Does roll_dice. Try: use roll_dice");
  });

  test("says nothing about sandbox data if no tool with a stand-in was asked, or the data is real", () => {
    const rolled = exchange(request("anything"), [["roll_dice", {}, '{"total":17}']]);
    expect(reply(rolled).content).not.toContain("sandbox data");
    expect(reply(request("Hello", ["roll_dice"])).content).not.toContain("sandbox data");
    expect(reply(CALLS, STAND_INS, false).content).not.toContain("sandbox data");
  });
});

describe("an answer that has to fit a JSON Schema", () => {
  test("is JSON of that schema, with the answer in its texts", () => {
    const schema = {
      type: "object",
      properties: {
        headline: { type: "string" },
        findings: { type: "array", items: { type: "string" } },
        mood: { type: "string", enum: ["good", "bad"] },
        score: { type: "number" },
      },
    };
    const instructions = `Be brief. Answer with JSON only, without any other text, that fits this JSON Schema: ${JSON.stringify(schema)}`;
    const { content = "" } = reply(
      request("Hello.", [], {
        messages: [
          { role: "system", content: instructions },
          { role: "user", content: "Hello." },
        ],
      }),
    );
    const answer = JSON.parse(content);
    expect(answer).toEqual({
      headline: answer.headline,
      findings: [answer.headline],
      mood: "good",
      score: 1,
    });
    expect(answer.headline).toContain("offline sandbox model");
  });
});

import type { ChatCompletionRequest } from "@copilotkit/aimock";
import { describe, expect, test } from "vitest";
import { standIns } from "../../functions/tools/stand-ins.ts";
import { planner } from "../../lib/sandbox/planner/planner.ts";
import { exchange } from "../support/exchange.ts";

const offered = (names: string[]) =>
  names.map((name) => ({
    type: "function" as const,
    function: {
      name,
      description: `Does ${name}. And more.`,
      parameters: { type: "object", properties: {} },
    },
  }));
const ALL = [
  "get_weather",
  "get_exchange_rate",
  "get_stock_price",
  "search_web",
  "query_database",
  "send_email",
  "roll_dice",
];

const request = (words: string, tools = ALL, more: Partial<ChatCompletionRequest> = {}) => ({
  model: "sandbox",
  messages: [
    { role: "system" as const, content: "Be brief. The weather in Berlin is not asked for." },
    { role: "user" as const, content: words },
  ],
  tools: offered(tools),
  ...more,
});
const reply = (asked: ChatCompletionRequest) =>
  planner(standIns, true)(asked) as { content?: string; toolCalls?: { name: string; arguments: string }[] };
const callsFor = (words: string, tools?: string[]) =>
  (reply(request(words, tools)).toolCalls ?? []).map((call) => [call.name, JSON.parse(call.arguments)]);

const weather = (city: string) => ["get_weather", { city }];
const rate = (from: string, to: string) => ["get_exchange_rate", { from, to }];
const price = (symbol: string) => ["get_stock_price", { symbol }];
const search = (query: string) => ["search_web", { query }];
const email = (to: string[], subject: string, text: string) => ["send_email", { to, subject, text }];
const ADA = "ada@example.com";
const sql = (text: string) => ["query_database", { sql: text }];

describe("the planner asks for all useful calls in one turn", () => {
  test.each([
    [
      "What's the weather in Tokyo and London? Also the USD to JPY rate, and the AAPL share price.",
      [weather("Tokyo"), weather("London"), rate("USD", "JPY"), price("AAPL")],
    ],
    ["What is the weather in San Francisco and New York?", [weather("San Francisco"), weather("New York")]],
    ["weather in tokyo, paris, sao paulo please", [weather("Tokyo"), weather("Paris"), weather("São Paulo")]],
    [
      "Compare the weather in Tokyo, Atlantsi, and Rome.",
      [weather("Tokyo"), weather("Atlantsi"), weather("Rome")],
    ],
    ["How warm is it in Paris, France today?", [weather("Paris")]],
    ["what's the weather in atlantsi?", [weather("atlantsi")]],
    [
      "The weather in Tokyo, the EUR/CHF rate and Apple shares",
      [weather("Tokyo"), rate("EUR", "CHF"), price("AAPL")],
    ],
    ["Convert dollars to yen and pounds", [rate("USD", "JPY"), rate("USD", "GBP")]],
    ["The exchange rate between EUR and USD", [rate("EUR", "USD")]],
    ["What is the USD to XYZ rate?", [rate("USD", "XYZ")]],
    ["Share prices of AAPL, NVDA and ZZZZ", [price("AAPL"), price("NVDA"), price("ZZZZ")]],
    ["How is TSLA doing? And Microsoft stock?", [price("TSLA"), price("MSFT")]],
    ["The price of BRK.B", [price("BRK.B")]],
    [
      "search the web for durable execution and tell me how many orders we have",
      [search("durable execution"), sql("SELECT count(*) AS orders FROM orders")],
    ],
    ["Look up the weather in Tokyo online", [search("the weather in Tokyo online")]],
    ["Run `select name from customers limit 3`", [sql("select name from customers limit 3")]],
    [
      "select count(*) from orders where status = 'paid'",
      [sql("select count(*) from orders where status = 'paid'")],
    ],
    [
      "Send an email to ada@example.com saying the build is green",
      [email([ADA], "The build is green", "the build is green")],
    ],
    [
      'Please e-mail ada@example.com and bob@mail.example.org with the subject "Build 7" and text: "It is green.\nShip it."',
      [email([ADA, "bob@mail.example.org"], "Build 7", "It is green.\nShip it.")],
    ],
    [
      'Send a mail to ada@example.com, subject: "Rates", saying that the USD to JPY rate is fine. Then tell me the weather in Tokyo.',
      [email([ADA], "Rates", "the USD to JPY rate is fine"), weather("Tokyo")],
    ],
    [
      "What's the weather in Paris? Send ada@example.com an email that says hello and get the AAPL price.",
      [weather("Paris"), email([ADA], "Hello", "hello"), price("AAPL")],
    ],
    ['Email ada@example.com with subject "Ping"', [email([ADA], "Ping", "Ping")]],
    ["What does ada@example.com mean?", []],
    ["Hello there!", []],
  ])("%s", (words, calls) => {
    expect(callsFor(words)).toEqual(calls);
  });

  test("calls no tool that is not offered", () => {
    expect(callsFor("Weather in Tokyo and the AAPL price", ["get_stock_price"])).toEqual([price("AAPL")]);
    expect(reply(request("Weather in Tokyo", ALL, { tool_choice: "none" })).toolCalls).toBeUndefined();
  });

  test("takes a tool of a person's own that is called like a sample, but takes something else, for what it is", () => {
    const parameters = { type: "object", properties: { place: { type: "string" } }, required: ["place"] };
    const own = { type: "function" as const, function: { name: "get_weather", description: "", parameters } };
    const asked = request('Use get_weather with place="Oslo". What\'s the weather in Rome?', [], {
      tools: [own],
    });
    expect(reply(asked).toolCalls).toEqual([{ name: "get_weather", arguments: '{"place":"Oslo"}' }]);
  });
});

const CLAIM = {
  date: "2024-10-01",
  category: "orthopedic",
  reason: "broken leg {left}",
  amount: 3000,
  placeOfService: "General Hospital",
};

test("finds a claim in JSON, and none in JSON that is something else", () => {
  const offer = ["calculate_metrics"];
  expect(callsFor(`Assess this claim: ${JSON.stringify(CLAIM)}`, offer)).toEqual([
    ["calculate_metrics", CLAIM],
  ]);
  expect(callsFor('Assess {"colour":"red"} or {this}', offer)).toEqual([]);
});

describe("the planner answers", () => {
  test("from the results, successes and failures, and says that nothing of it is real", () => {
    const { content } = reply(
      exchange(request("anything"), [
        [
          "get_weather",
          { city: "Tokyo" },
          JSON.stringify({
            city: "Tokyo",
            country: "Japan",
            celsius: 18.4,
            sky: "partly cloudy",
            windKmh: 11.2,
          }),
        ],
        ["get_weather", { city: "Atlantsi" }, 'No city is called "Atlantsi".'],
        [
          "get_exchange_rate",
          { from: "USD", to: "JPY" },
          '{"error":"Frankfurter has a problem (status 500)"}',
        ],
        ["roll_dice", { sides: 20 }, '{"total":17}'],
        [
          "query_database",
          { sql: "select 1" },
          JSON.stringify({ columns: ["orders"], rows: [[60]], rowCount: 1, more: false }),
        ],
      ]),
    );
    expect(content).toBe(
      [
        "- Tokyo, Japan: 18.4 °C, partly cloudy, wind 11.2 km/h.",
        '- get_weather({"city":"Atlantsi"}) failed: No city is called "Atlantsi".',
        '- get_exchange_rate({"from":"USD","to":"JPY"}) failed: Frankfurter has a problem (status 500)',
        '- roll_dice({"sides":20}) → {"total":17}',
        "- The database says: orders = 60.",
        "",
        "This is the offline sandbox model, which follows fixed rules. The data are sandbox data, not real. Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY for a real model.",
      ].join("\n"),
    );
  });

  test("that an email was caught in the sandbox, and sent outside of it", () => {
    const sent = exchange(request("anything"), [
      [
        "send_email",
        { to: [ADA, "no@example.com"], subject: "Build", text: "Green." },
        JSON.stringify({ messageId: "<1@x>", accepted: [ADA], rejected: ["no@example.com"] }),
      ],
    ]);
    const refused = " The mail server refused no@example.com.";
    expect(reply(sent).content).toContain(
      `- The email "Build" to ada@example.com was caught by the sandbox and not delivered.${refused}\n`,
    );
    expect(planner(standIns, false)(sent)).toMatchObject({
      content: expect.stringContaining(`- The email "Build" to ada@example.com was sent.${refused}\n`),
    });
  });

  test("with a claim's metrics: what was found, and what could not be found out", () => {
    const metrics = {
      eligibility: { ok: true, eligible: true, reasons: ["Part of the medical coverage."] },
      standardRates: { ok: false, error: "timeout" },
      fraud: { ok: true, risk: "low", signals: [{ explanation: "3000 is a multiple of 1000." }] },
    };
    expect(
      reply(exchange(request("anything"), [["calculate_metrics", CLAIM, JSON.stringify(metrics)]])).content,
    ).toContain(
      [
        '- The claim of 3000 for "broken leg {left}" on 2024-10-01:',
        "  Eligibility: covered. Part of the medical coverage.",
        "  Standard rates: not known: timeout",
        "  Fraud: low risk. 3000 is a multiple of 1000.",
      ].join("\n"),
    );
  });

  test("with what it could understand, a line for each offered tool, when it understood nothing", () => {
    const { content } = reply(request("Hello there!", ["get_weather", "roll_dice"]));
    expect(content).toContain(
      "- get_weather: Does get_weather. Try: What's the weather in Tokyo and London?",
    );
    expect(content).toContain("- roll_dice: Does roll_dice. Try: use roll_dice");
    expect(content).not.toContain("search_web");
  });

  test("says nothing about sandbox data where the data are a person's own tool's, or real", () => {
    expect(reply(exchange(request("anything"), [["roll_dice", {}, '{"total":17}']])).content).not.toContain(
      "sandbox data",
    );
    expect(reply(request("Hello", ["roll_dice"])).content).not.toContain("sandbox data");
    expect(planner(standIns, false)(request("Hello"))).toMatchObject({
      content: expect.not.stringContaining("sandbox data"),
    });
  });
});

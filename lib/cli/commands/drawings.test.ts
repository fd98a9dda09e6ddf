import stringWidth from "string-width";
import { expect, test } from "vitest";
import type { Candidate, ServiceStatus } from "../../operate/index.ts";
import type { StuckRun } from "../../restate/index.ts";
import { drawWaiting } from "../drawing/approvals.ts";
import { drawFindings } from "../drawing/findings.ts";
import { screenOf } from "../drawing/screen.ts";
import { drawStatus } from "../drawing/service-status.ts";
import { drawStuckRuns } from "../drawing/stuck-runs.ts";
import type { WaitingCall } from "../run/approvals.ts";
import { drawCandidates } from "./prune.ts";

const terminal = screenOf({ isTTY: true, columns: 80 }, { NO_COLOR: "1" });
const file = screenOf({});
/** As long as a tool's name may be. */
const NAME = "compare_to_standard_rates_of_anybody";

const service = {
  name: NAME,
  kind: "agent",
  functionName: `fanout-${NAME}`,
  liveVersion: "12",
  otherVersions: [
    { version: "10", runs: 3 },
    { version: "11", runs: 12 },
  ],
  declared: { maxConcurrency: 1000, provisioned: 0, memoryMb: 10_240 },
  reserved: 1000,
  limit: 1000,
  slotsTaken: 999,
  running: 999,
  waiting: 100,
  provisioned: { requested: 10, ready: 2 },
  memoryMb: 10_240,
  differences: [
    { setting: "limit", text: "Restate's limit is 1000; declared is none, which is a lot less than that" },
  ],
} as unknown as ServiceStatus;
const status = { server: { version: "1.7.12", protocolV7: true, scopes: true }, services: [service] };
const where = { name: "fanout", adminUrl: "http://127.0.0.1:9070" };
const stuck: StuckRun = {
  id: "inv_1a6Jlp47HIeF5m13WzAM3D7tElDEGDHuBg",
  service: NAME,
  handler: "run",
  state: "retrying",
  since: new Date(0).toISOString(),
  tries: 12,
  reason: "the function does not answer within its time, and what it said last is longer than a line",
};
const waiting: WaitingCall = {
  approval: "ap_3f2c9b1e8d7a4c5b6e0f",
  run: "inv_1a6Jlp47HIeF5m13WzAM3D7tElDEGDHuBg",
  agent: NAME,
  call: "call_3f2c9b1e8d7a4c5b",
  part: true,
  tool: NAME,
  input: { amount: 5 },
  askedAt: 0,
  expiresAt: 86_401_000,
};
const candidate: Candidate = {
  functionName: `fanout-${NAME}`,
  version: "10",
  exists: true,
  deploymentId: "dp_1",
  provisioned: 0,
  verdict: "remove",
  reason: "not registered with Restate",
};
const finding = {
  check: NAME,
  level: "problem",
  text: "it is public: whoever reaches the ingress can call it past every agent",
  advice: "Deploy again, or make it private by hand, as the README says.",
} as const;

test.each([
  ["status", (screen = terminal) => drawStatus(status as never, where, screen)],
  ["doctor", (screen = terminal) => drawFindings([finding, { ...finding, check: "AWS" }], screen)],
  ["redrive", (screen = terminal) => drawStuckRuns([stuck], 1000, screen)],
  ["approvals", (screen = terminal) => drawWaiting([waiting], 1000, screen)],
  ["prune", (screen = terminal) => drawCandidates([candidate], screen)],
])("%s fits into 80 columns, and no word is lost", (_, draw) => {
  const drawn = draw().join("\n");
  expect(drawn.split("\n").filter((line) => stringWidth(line) > 80)).toEqual([]);
  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  expect(words(drawn)).toEqual(words(draw(file).join("\n")));
});

test("in a file every row takes one line", () => {
  expect(drawStatus(status as never, where, file)).toContainEqual(
    expect.stringMatching(new RegExp(`^${NAME} +agent +12 +10:3 11:12 +1000 .* 10240$`)),
  );
  expect(drawCandidates([candidate], file)).toHaveLength(2);
});

test("on a narrow terminal a finding goes below the name of its check", () => {
  expect(drawFindings([finding], terminal)).toEqual([
    `problem  ${NAME}`,
    "         it is public: whoever reaches the ingress can call it past every agent",
    "         Deploy again, or make it private by hand, as the README says.",
  ]);
});

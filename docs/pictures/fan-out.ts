import { box, line, round, svg, text, WIDTH } from "./svg.ts";

/** When something was at work, in ms since the run began. */
export interface Span {
  from: number;
  to: number;
}

/** A run with one fan-out, as its spans told it. */
export interface FanOut {
  question: string;
  agent: string;
  /** The invocations of the agent's function. */
  awake: Span[];
  model: Span[];
  /** In the order in which the model asked for them. `issued`: when the agent had asked for it. */
  calls: (Span & { tool: string; input: unknown; issued: number })[];
}

const LEFT = 240;
const RIGHT = WIDTH - 24;
const TOP = 64;
const LANE = 34;
const BAR = 18;
const TICK_MS = 200;

/** Who was at work when: a lane each for the agent's function, the model and every call. */
export function drawFanOut({ agent, awake, model, calls }: FanOut): string {
  const endMs = awake.at(-1)?.to ?? 0;
  const x = (ms: number) => LEFT + ((RIGHT - LEFT) * ms) / endMs;
  const y = (lane: number) => TOP + lane * LANE;
  const bottom = y(2 + calls.length);
  const bar = ({ from, to }: Span, lane: number, className: string) =>
    box({ x: x(from), y: y(lane) + 6, width: x(to) - x(from), height: BAR }, className);
  const awakeMs = awake.reduce((sum, { from, to }) => sum + to - from, 0);
  const [slept] = gaps(awake);
  const oneByOne = calls.reduce((sum, { from, to }) => sum + to - from, 0);
  const together = Math.max(...calls.map(({ to }) => to)) - Math.min(...calls.map(({ issued }) => issued));
  const summary = [
    `${agent}: ${awake.length} invocations of its function, awake for ${awakeMs} of ${endMs} ms.`,
    `${calls.length} calls: ${together} ms from the first one's issue to the last one's end, ${oneByOne} ms of work in all.`,
  ];
  return svg({
    height: bottom + 88,
    title: "A fan-out: the calls run together while the agent's function is not running",
    description: `${summary.join(" ")} ${describe(model, calls)}`,
    body: [
      text(16, 30, "A fan-out", "bold"),
      text(RIGHT, 30, "a run on the local platform, its functions warm", "small dim", "end"),
      ...ticks(endMs, x, TOP - 6, bottom),
      label(0, y, "agent's function", "bold"),
      ...awake.map((span) => bar(span, 0, "blue")),
      ...(slept ? asleep(x(slept.from), x(slept.to), y(0) + 6) : []),
      label(1, y, "model"),
      ...model.map((span) => bar(span, 1, "amber")),
      ...calls.flatMap((call, index) => [
        label(2 + index, y, `${call.tool}`, "", Object.values(Object(call.input)).join(" → ")),
        box(
          { x: x(call.issued), y: y(2 + index) + 6, width: x(call.from) - x(call.issued), height: BAR },
          "line",
        ),
        bar(call, 2 + index, "green"),
        text(x(call.to) - 8, y(2 + index) + 19.5, `${call.to - call.from} ms`, "small paper", "end"),
      ]),
      ...(slept ? [woken(x(slept.from), y(0), bottom), woken(x(slept.to), y(0), bottom)] : []),
      ...legend(bottom + 34),
      text(16, bottom + 70, summary[1] ?? "", "small dim"),
    ],
  });
}

const gaps = (spans: readonly Span[]): Span[] =>
  spans.slice(1).map(({ from }, index) => ({ from: spans[index]?.to ?? 0, to: from }));

const label = (lane: number, y: (lane: number) => number, name: string, className = "", about = ""): string =>
  text(16, y(lane) + 20, name, className) +
  (about && text(LEFT - 14, y(lane) + 20, about, "small dim", "end"));

function ticks(endMs: number, x: (ms: number) => number, top: number, bottom: number): string[] {
  const times = Array.from({ length: Math.floor(endMs / TICK_MS) + 1 }, (_, index) => index * TICK_MS);
  return times.flatMap((ms) => [
    `<path class="s-line" d="M${round(x(ms))} ${top}V${bottom}" stroke-width="1"/>`,
    text(x(ms), top - 6, ms === 0 ? "0" : `${ms} ms`, "small dim", "middle"),
  ]);
}

function asleep(from: number, to: number, y: number): string[] {
  const middle = y + BAR / 2;
  return [
    line(`${round(from)},${middle} ${round(to)},${middle}`, "blue", { dashed: true }),
    box({ x: (from + to) / 2 - 98, y, width: 196, height: BAR }, "paper"),
    text((from + to) / 2, y + 13, "suspended: nothing runs", "small blue", "middle"),
  ];
}

const woken = (x: number, top: number, bottom: number): string =>
  `<path class="s-blue" d="M${round(x)} ${top + 24}V${bottom}" stroke-width="1" stroke-dasharray="2 3"/>`;

function legend(y: number): string[] {
  const entries = [
    ["blue", "awake: Lambda bills it", 180],
    ["amber", "asked", 90],
    ["line", "issued, not begun", 150],
    ["green", "at work in the tool's own function", 0],
  ] as const;
  let x = 16;
  return entries.map(([color, meaning, width]) => {
    const entry = box({ x, y: y - 10, width: 12, height: 12 }, color) + text(x + 18, y, meaning, "small");
    x += width;
    return entry;
  });
}

function describe(model: readonly Span[], calls: FanOut["calls"]): string {
  const asked = model.map(({ from, to }) => `the model is asked from ${from} to ${to} ms`);
  const made = calls.map(
    ({ tool, issued, from, to }) => `${tool} is issued at ${issued} ms and works from ${from} to ${to} ms`,
  );
  return `${[...asked, ...made].join("; ")}.`;
}

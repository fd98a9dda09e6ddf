import { box, line, svg, text, WIDTH } from "./svg.ts";

/** A command in a run's journal. */
export interface Entry {
  /** Restate's name of it. */
  kind: string;
  /** The step's name, or the service that is called. */
  name: string;
  /** Whether it was in the journal when the function was killed. */
  kept: boolean;
}

/** A run whose agent's function was killed while it asked the model for the second time. */
export interface Replay {
  agent: string;
  entries: Entry[];
  /** How often functions were invoked, and the model was asked. */
  agentInvocations: number;
  toolInvocations: number;
  modelRequests: number;
}

const TOP = 92;
const ROW = 30;
const COLUMNS = [330, 440, 550] as const;
const LAST = WIDTH - 48;
const HEADS = ["starts", "is killed", "goes on"];
/** The names of the commands that a person would not guess. */
const NAMES: Readonly<Record<string, string>> = {
  Input: "the message",
  Output: "the answer",
  Sleep: "the calls' timeout",
};

type Cell = "written" | "replayed" | "lost";

/** What each invocation of the agent's function does with each entry of the journal. */
export function drawReplay({
  agent,
  entries,
  agentInvocations,
  toolInvocations,
  modelRequests,
}: Replay): string {
  const y = (row: number) => TOP + row * ROW;
  const bottom = y(entries.length);
  const rows = entries.map((entry) => ({ ...entry, cells: cellsOf(entry), times: timesOf(entry) }));
  const summary = `Lambda invocations: ${agentInvocations} of ${agent}, ${toolInvocations} of tools. Requests to the model: ${modelRequests}.`;
  return svg({
    height: bottom + 92,
    title: "A replay: what a new invocation finds in the journal when a function has died",
    description: `${rows
      .map(
        ({ kind, name, cells }) =>
          `${nameOf({ kind, name })}: ${cells
            .map((cell, index) => (cell ? `${cell} by invocation ${index + 1}` : ""))
            .filter(Boolean)
            .join(", ")}.`,
      )
      .join(" ")} ${summary}`,
    body: [
      text(16, 30, "A replay", "bold"),
      text(WIDTH - 16, 30, "a run on the local platform, whose function was killed", "small dim", "end"),
      text(16, TOP - 16, "entry", "small dim"),
      ...COLUMNS.flatMap((x, index) => [
        text(x, TOP - 32, `invocation ${index + 1}`, "small bold", "middle"),
        text(x, TOP - 16, HEADS[index] ?? "", `small ${index === 1 ? "red" : "dim"}`, "middle"),
      ]),
      text(LAST, TOP - 32, "done", "small bold", "middle"),
      ...rows.flatMap(({ kind, name, cells, times }, row) => [
        `<path class="s-line" d="M16 ${y(row)}H${WIDTH - 16}"/>`,
        text(16, y(row) + 20, nameOf({ kind, name })),
        ...cells.map((cell, index) => (cell ? drawCell(cell, COLUMNS[index] ?? 0, y(row) + ROW / 2) : "")),
        text(LAST, y(row) + 20, times, times === "twice" ? "red" : "dim", "middle"),
      ]),
      `<path class="s-line" d="M16 ${bottom}H${WIDTH - 16}"/>`,
      ...legend(bottom + 34),
      text(16, bottom + 70, summary, "small dim"),
    ],
  });
}

const nameOf = ({ kind, name }: Pick<Entry, "kind" | "name">): string =>
  NAMES[kind] ?? (kind === "Call" ? `call of ${name}` : name);

/** The first invocation finds the message, and writes what was kept beside it; the third writes the rest. */
function cellsOf({ kind, kept }: Entry): (Cell | undefined)[] {
  if (kind === "Input") return ["replayed", "replayed", "replayed"];
  if (kept) return ["written", "replayed", "replayed"];
  return [undefined, kind === "Run" ? "lost" : undefined, "written"];
}

function timesOf({ kind, kept }: Entry): string {
  if (kind !== "Run" && kind !== "Call") return "";
  return kept ? "once" : "twice";
}

function drawCell(cell: Cell, x: number, y: number): string {
  const place = { x: x - 34, y: y - 8, width: 68, height: 16 };
  if (cell === "written") return box(place, "green");
  if (cell === "replayed")
    return `<rect class="panel s-green" x="${place.x}" y="${place.y}" width="68" height="16" rx="3" stroke-dasharray="4 3"/>`;
  return (
    line(`${x - 7},${y - 7} ${x + 7},${y + 7}`, "red") + line(`${x + 7},${y - 7} ${x - 7},${y + 7}`, "red")
  );
}

function legend(y: number): string[] {
  return [
    drawCell("written", 50, y - 4),
    text(94, y, "done, and written into the journal", "small"),
    drawCell("replayed", 350, y - 4),
    text(394, y, "read from the journal", "small"),
    drawCell("lost", 558, y - 4),
    text(576, y, "lost with the function", "small"),
  ];
}

import { at, group, node } from "./nodes.ts";
import { line, svg, text, WIDTH } from "./svg.ts";

/** A local platform after one run. */
export interface LocalPlatform {
  ports: { ingress: string; admin: string; lambda: string; sandbox: string; routes: string };
  /** How many execution environments each function has that the run has needed, by name. */
  environments: Record<string, number>;
  /** Those of the other functions, which were started when they were registered. */
  others: number;
}

const ENVIRONMENTS = { x: 528, y: 200, width: 168 };

/** What talks to what. */
const ARROWS = [
  line("192,88 296,88", "dim", { arrow: true }),
  line("108,178 108,246", "dim", { arrow: true }),
  line("192,268 244,268 244,112 296,112", "dim", { arrow: true }),
  line("192,388 264,388 264,136 296,136", "dim", { arrow: true, dashed: true }),
  line("264,290 312,290", "dim", { arrow: true, dashed: true }),
  line("400,152 400,246", "green", { arrow: true }),
  line("460,272 528,272", "green", { arrow: true }),
  line("528,388 460,388", "amber", { arrow: true }),
];

/** The processes of the platform on a laptop, their ports, and what talks to what. */
export function drawLocalPlatform(platform: LocalPlatform): string {
  const { ports, environments, others } = platform;
  const { ingress, admin, lambda, sandbox, routes } = ports;
  const functions = Object.entries(environments);
  const bottom = 452;
  return svg({
    height: bottom + 24,
    title: "The local platform: its processes, their ports, and what talks to what",
    description: describe(platform),
    body: [
      text(16, 30, "The local platform", "bold"),
      text(WIDTH - 16, 30, "everything listens on 127.0.0.1 only", "small dim", "end"),
      node(at(24, 60, 168, 56), "terminal", ["npx fanout ask, curl"]),
      node(at(24, 138, 168, 40), "page, program"),
      node(
        at(296, 60, 184, 92),
        "restate-server",
        [`:${ingress} ingress`, `:${admin} admin API, UI`, "journals: .fanout/data"],
        "panel s-green",
      ),
      group(at(24, 210, 456, bottom - 210), "npm start, one process"),
      node(at(44, 246, 148, 64), "routes", [`:${routes}`]),
      node(at(312, 246, 148, 64), "Lambda host", [`:${lambda} Invoke API`]),
      node(at(312, 346, 148, 84), "sandbox", [`:${sandbox}`, "offline model,", "tools' stand-ins"]),
      node(at(44, 346, 148, 84), "deployment", ["bundles, registers;", "again when files", "change"]),
      ...ARROWS,
      text(408, 196, "Invoke", "small dim"),
      text(ENVIRONMENTS.x, ENVIRONMENTS.y - 30, "execution environments", "small bold"),
      text(ENVIRONMENTS.x, ENVIRONMENTS.y - 14, "a process each, after one run", "small dim"),
      ...functions.flatMap(([name, count], index) => environment(name, count, ENVIRONMENTS.y + index * 48)),
      text(
        ENVIRONMENTS.x,
        ENVIRONMENTS.y + functions.length * 48 + 14,
        `and ${others} of other functions`,
        "small dim",
      ),
    ],
  });
}

/** One frame for each process. */
function environment(name: string, count: number, y: number): string[] {
  const { x, width } = ENVIRONMENTS;
  const behind = Array.from({ length: count - 1 }, (_, index) => (count - 1 - index) * 5);
  return [
    ...behind.map((by) => node({ x: x + by, y: y + by, width, height: 36 }, "")),
    node({ x, y, width, height: 36 }, ""),
    text(x + 10, y + 23, name, "small bold"),
    text(x + width - 10, y + 23, `${count}`, "small dim", "end"),
  ];
}

function describe({ ports, environments }: LocalPlatform): string {
  const { ingress, admin, lambda, sandbox, routes } = ports;
  const functions = Object.entries(environments);
  return `restate-server is a process with the ingress on port ${ingress} and the admin API on port ${admin}. npm start is a process with the routes on port ${routes}, the Lambda host on port ${lambda} and the sandbox on port ${sandbox}. Each execution environment of a function is a process; after one run there are: ${functions.map(([name, count]) => `${count} of ${name}`).join(", ")}. Questions reach restate-server's ingress, pages by way of the routes. restate-server invokes functions at the Lambda host, which gives the requests to execution environments. These ask the sandbox in place of the model and of the tools' providers.`;
}

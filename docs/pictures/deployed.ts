import { at, group, node } from "./nodes.ts";
import { line, svg, text, WIDTH } from "./svg.ts";

/** How many resources of each type the stack has. */
export interface Deployed {
  tools: number;
  agents: number;
  resources: Record<string, number>;
}

const DESCRIPTION = [
  "A program asks Restate, in Restate Cloud or on a machine of your own, which invokes Lambda functions in your AWS account: one for each agent, one for each tool, and one that keeps the events of runs and their approvals.",
  "Pages ask by way of the routes, a function URL, if the project has them.",
  "Agents ask the model's provider, tools their own providers.",
  "Each function has its own role, log group and kept versions; secrets are read by name from Secrets Manager; a deployment registers the new versions with Restate; in tier prod there are alarms and a dashboard.",
].join(" ");

/** What talks to what. */
const ARROWS = [
  line("94,104 94,160", "dim", { arrow: true }),
  line("164,190 196,190 196,125 228,125", "green", { arrow: true }),
  line("164,205 228,205", "green", { arrow: true }),
  line("164,220 196,220 196,278 228,278", "green", { arrow: true }),
  line("164,352 228,352", "dim", { arrow: true }),
  line("228,366 180,366 180,250 164,250", "dim", { arrow: true }),
  line("368,140 378,140 378,181 566,181 566,125 584,125", "amber", { arrow: true }),
  line("368,224 378,224 378,245 568,245 568,224 584,224", "amber", { arrow: true }),
  line("388,290 378,290 378,312 94,312 94,272", "dim", { arrow: true, dashed: true }),
];

/** What a deployment puts where, and what talks to what. */
export function drawDeployed({ tools, agents, resources }: Deployed): string {
  const count = (type: string) => resources[type] ?? 0;
  const counted = `${count("AWS::Lambda::Function")} functions, ${count("AWS::IAM::Role")} roles, ${count("AWS::Logs::LogGroup")} log groups, ${count("Custom::RestateServiceDeployment")} registrations, ${count("AWS::CloudWatch::Alarm")} alarms`;
  const bottom = 400;
  return svg({
    height: bottom + 52,
    title: "What is deployed, and what talks to what",
    description: `${DESCRIPTION} This repository's stack of tier prod has ${counted}.`,
    body: [
      text(16, 30, "What is deployed", "bold"),
      text(WIDTH - 16, 30, "numbers: this repository's samples, tier prod", "small dim", "end"),
      node(at(24, 60, 140, 44), "your program"),
      node(at(24, 330, 140, 44), "your page"),
      node(
        at(24, 160, 140, 112),
        "Restate",
        ["Cloud, or self-", "hosted: ingress,", "journals, timers"],
        "panel s-green",
      ),
      group(at(208, 56, 340, bottom - 56), "your AWS account, one CloudFormation stack"),
      node(at(228, 92, 140, 66), "agents", [`${agents} functions,`, "one each"]),
      node(at(228, 172, 140, 66), "tools", [`${tools} functions,`, "one each"]),
      node(at(228, 252, 140, 52), "RunEvents", ["events, approvals"]),
      node(at(228, 322, 140, 60), "routes", ["function URL,", "if you add them"]),
      node(
        at(388, 92, 140, 82),
        "each function",
        ["a role of its own,", "a log group,", "kept versions"],
        "paper s-line",
      ),
      node(at(388, 188, 140, 50), "Secrets Manager", ["secrets by name"], "paper s-line"),
      node(at(388, 252, 140, 52), "registration", ["a custom resource"], "paper s-line"),
      node(
        at(388, 322, 140, 60),
        "tier prod",
        [`${count("AWS::CloudWatch::Alarm")} alarms, a`, "dashboard"],
        "paper s-line",
      ),
      node(at(584, 92, 116, 66), "model", ["OpenAI, Claude,", "Gemini, Bedrock"]),
      node(at(584, 190, 116, 66), "providers", ["what the tools", "ask"]),
      ...ARROWS,
      text(16, bottom + 30, counted, "small dim"),
    ],
  });
}

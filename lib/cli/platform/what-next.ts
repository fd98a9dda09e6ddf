import type { Platform } from "../../local/index.ts";
import { chooseAgent } from "../agent-choice.ts";
import { quoted } from "../arguments.ts";
import type { Defaults } from "../project.ts";

/** What `start` asks an agent that the project has no question for. */
const FIRST_QUESTION = "What can you do?";

/** What an agent is asked first: the project's question if that is meant for it. */
export function firstQuestion(agent: string, defaults: Defaults): string {
  return (agent === defaults.agent && defaults.question) || FIRST_QUESTION;
}

/** What a person can type while the platform is running. @param agents the names of the project's agents. */
export function whatNext(
  {
    ingressUrl,
    adminUrl,
    sandboxUrl,
    routesUrl,
  }: Pick<Platform, "ingressUrl" | "adminUrl" | "sandboxUrl"> & { routesUrl: string },
  agents: readonly string[],
  defaults: Defaults,
  asked?: { agent: string; invocationId: string },
): string {
  const agent = asked?.agent ?? (agents.includes(defaults.agent ?? "") ? defaults.agent : agents[0]);
  return `
${asked ? thisRun(asked.invocationId, adminUrl) : `Restate's UI: ${adminUrl}`}
${agent === undefined ? "" : askMore(agent, agents, defaults, ingressUrl)}Reach it from your own code, with fanout/client, at ${routesUrl}, and as OpenAI's API at ${routesUrl}/v1
Make the model slow:
  curl -X PUT ${sandboxUrl}/_control/faults/openai --json '{"latencyMs": 2000}'
Add a tool or an agent of your own:
  npx fanout new tool roll_dice
  npx fanout new agent MyAgent
Ctrl-C ends everything.`;
}

function thisRun(invocationId: string, adminUrl: string): string {
  return `This run in Restate's UI: ${adminUrl}/ui/invocations/${invocationId}
Each call's input and result, and what it logged:
  npx fanout show ${invocationId}
  npx fanout logs ${invocationId}`;
}

function askMore(agent: string, agents: readonly string[], defaults: Defaults, ingressUrl: string): string {
  const { nextQuestion } = defaults;
  const question = (agent === defaults.agent && nextQuestion) || firstQuestion(agent, defaults);
  const flag = isChosen(agent, agents, defaults) ? "" : ` --agent ${agent}`;
  return `Ask more, in another terminal:
  npx fanout ask${flag} ${quoted(question)}
  curl ${ingressUrl}/restate/call/${agent}/run --json ${quoted(JSON.stringify({ message: question }))}
`;
}

/** Whether `ask` takes this agent without being told. */
function isChosen(agent: string, agents: readonly string[], defaults: Defaults): boolean {
  try {
    return chooseAgent(agents, undefined, defaults.agent) === agent;
  } catch {
    return false;
  }
}

import type { Command } from "commander";
import type { Approval } from "../../client/index.ts";
import { isOpen } from "../../events/index.ts";
import { asUsage, readInvocationId } from "../arguments.ts";
import { canAsk, confirm, userName } from "../confirm.ts";
import { drawWaiting } from "../drawing/approvals.ts";
import { screenOf } from "../drawing/screen.ts";
import { print, printDrawing, printJson, say, sayUnbroken } from "../output.ts";
import type { Project } from "../project.ts";
import { type AddressFlags, addAddressFlags, whereToAsk } from "../restate-address.ts";
import { answerQuestion, type FoundQuestion, findQuestion, readWaiting } from "../run/approvals.ts";

const HELP = `
Listed are the calls that wait until somebody approves them, of runs that have not ended. "since" is how long they have waited, "for"
how long they will. Inputs are shortened; --json has all of them.`;

const ANSWER_HELP = `
The whole input is shown, and you are asked, where there is a terminal to ask on. The same answer twice is one. Exit code 1
where it was answered otherwise, or nobody waits any more.`;

interface Flags extends AddressFlags {
  run?: string;
  json: boolean;
}

interface AnswerFlags extends Flags {
  reason?: string;
  input?: Record<string, unknown>;
  by?: string;
  yes: boolean;
}

export default function approvals(command: Command, project: Project): void {
  addFlags(command, "only this run's, from the ingress alone")
    .addHelpText("after", HELP)
    .action((flags: Flags) => list(project, flags));
  addAnswer(command.command("approve").summary("let a call be made"))
    .option("--input <json>", "what the tool is given in place of the model's input", asUsage(readInput))
    .action((id: string, flags: AnswerFlags) => answer(project, id, true, flags));
  addAnswer(command.command("deny").summary("do not let a call be made"))
    .option("--reason <text>", "for the model to read")
    .action((id: string, flags: AnswerFlags) => answer(project, id, false, flags));
}

const addFlags = (command: Command, runFor: string): Command =>
  addAddressFlags(command.option("--run <id>", runFor, asUsage(readInvocationId)), "to look for runs").option(
    "--json",
    "print as JSON",
    false,
  );

const addAnswer = (command: Command): Command =>
  addFlags(
    command.argument("<id>", "the approval's id, ap_…", asUsage(readApprovalId)),
    "the run; default: looked for",
  )
    .option("--by <name>", "who answers", userName())
    .option("--yes", "answer without being asked", false)
    .addHelpText("after", ANSWER_HELP);

async function list({ root }: Project, flags: Flags): Promise<void> {
  const waiting = await readWaiting(whereToAsk(root, flags), flags.run);
  if (flags.json) printJson(waiting, 2);
  else if (waiting.length === 0) print("No call waits for an approval.");
  else {
    printDrawing(drawWaiting(waiting, Date.now(), screenOf(process.stdout)));
    say("\nAnswer with: npx fanout approvals approve <approval>, or deny <approval> --reason <text>");
  }
}

async function answer(
  { root }: Project,
  id: string,
  approve: boolean,
  { run, reason, input, by, yes, json, ...address }: AnswerFlags,
): Promise<void> {
  const where = whereToAsk(root, address);
  const question = await findQuestion(where, id, run);
  if (isOpen(question)) {
    show(question, input);
    const agreed = yes || !canAsk() || (await confirm(approve ? "\nApprove it?" : "\nDeny it?"));
    if (!agreed) return say("Nothing was answered.");
  }
  const given = await answerQuestion(where, question, { approve, reason, input, by });
  if (json) printJson({ run: question.run, approval: id, ...given }, 2);
  else print(inWords(question, given));
}

function show({ tool, part, call, run, input }: FoundQuestion, changed: object | undefined): void {
  const whose = call === undefined ? "" : `, ${part ? "a part of the call" : "the call"} ${call}`;
  say(`${tool}${whose} of ${run}, is to be given:`);
  sayUnbroken(JSON.stringify(input, null, 2));
  if (changed) sayUnbroken(`In place of that:\n${JSON.stringify(changed, null, 2)}`);
}

function inWords({ id, tool, run }: FoundQuestion, { decision, by, at }: Approval): string {
  const name = by === undefined ? "" : ` by ${by}`;
  return `${id} (${tool}, of ${run}) is ${decision}${name}, at ${at}.`;
}

/** @throws TypeError for anything that is not an id. */
function readApprovalId(text: string): string {
  if (/^ap_\w{1,90}$/.test(text)) return text;
  throw new TypeError(`Expected an approval's id such as ap_3f2c9b1e8d7a4c5b6e0f, got "${text}".`);
}

/** @throws TypeError for anything that is no object in JSON. */
function readInput(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {}
  throw new TypeError(`Expected a JSON object such as {"amount":5}, got "${text}".`);
}

import { type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { type CallResult, durableStep } from "../call/index.ts";
import type { RunLog } from "../events/index.ts";
import { cleanMessage, jsonBytes, logUnexpected } from "../runtime/index.ts";
import type { Briefing } from "./briefing.ts";
import { Budget } from "./budget.ts";
import type { Agent } from "./definition.ts";
import { fanOut } from "./fan-out.ts";
import type { LimitReached } from "./limits.ts";
import { MODEL_RETRIES, ofTheModel, toRestateError } from "./model-failure.ts";
import { requestBySdk, type SdkRequest, type TimedSdkReply } from "./models/sdk-request.ts";
import type { Call, ModelReply, OfferedTool, ResultForModel } from "./models/seam.ts";
import { counted } from "./models/usage.ts";
import { type AgentOutput, toOutput } from "./output.ts";
import { forModel } from "./results.ts";
import { logModelFailure, logTurn } from "./run-log.ts";
import type { RunState } from "./run-state.ts";
import { noteBegin } from "./telemetry.ts";
import { marked } from "./untrusted.ts";
import { tellTurn } from "./watched.ts";

/** The calls of a reply, and what comes of them once somebody wants to know. */
interface Turn {
  calls: readonly Call[];
  results?: Promise<Map<string, CallResult>>;
}

/**
 * A run whose loop is another SDK's. The SDK decides when the model is asked and what it reads. That a request is a durable step, and
 * what comes of its calls, is decided here.
 *
 * F12: the first call of a reply that the SDK executes begins all of them, in the order of the reply, as our own loop does (F1 to
 * F10). So the journal is the same whatever the SDK does at the same time, and in which order.
 */
export class SdkLoop {
  readonly ctx: Context;
  readonly agent: Agent;
  /** What the user said. */
  readonly message: string;
  /** What the model is to be told in every request. */
  readonly instructions: string;
  /** The agent's tools as models take them. */
  readonly tools: readonly OfferedTool[];
  /** `provider/model`. */
  readonly model: string;
  readonly #from: RunState;
  readonly #told: RunLog;
  readonly #budget: Budget;
  readonly #results: CallResult[] = [];
  #turn: Turn = { calls: [] };
  #isAsking = false;
  /** Why the last turn was the last one. */
  #limit: LimitReached | undefined;
  #finishReason: ModelReply["finishReason"] = "stop";
  /** What ends the run. An SDK may make any error a tool's result, so it is kept apart. */
  #ended: unknown;

  constructor(ctx: Context, agent: Agent, { instructions, tools }: Briefing, from: RunState, told: RunLog) {
    const { limits, model } = from.settings;
    const last = from.messages.at(-1);
    this.ctx = ctx;
    this.agent = agent;
    this.message = last?.role === "user" ? last.text : "";
    this.instructions = instructions;
    this.tools = tools;
    this.model = model;
    this.#from = from;
    this.#told = told;
    this.#budget = new Budget(limits, model, from.account, ctx.request().body?.length ?? 0);
  }

  /**
   * Asks the model in a durable step. Restate tries again where the provider was away or had too much to do, so the SDK's own
   * retries have to be off.
   * @returns the reply, which is plain JSON of at most 1 MB, as the journal has it.
   * @throws TerminalError 502 when the model gives no reply. It ends the run, whatever the SDK makes of it.
   */
  async ask<Reply>(request: SdkRequest<Reply>): Promise<Reply> {
    this.#throwIfEnded();
    if (this.#isAsking) throw this.#end(new TerminalError(ONE_AT_A_TIME));
    if (this.#limit) throw this.#end(new TerminalError(`${AFTER_THE_LAST} (${this.#limit}).`));
    this.#isAsking = true;
    // F11: at a limit, one last turn without tools, so that the model answers with what it has.
    this.#limit = this.#budget.limitReached;
    try {
      const replied = await this.#step(request);
      noteBegin(this.ctx, replied.startedAt);
      this.#account(replied, request);
      return replied.reply;
    } catch (error) {
      throw this.#end(ofTheModel(error));
    } finally {
      this.#isAsking = false;
    }
  }

  #step<Reply>(request: SdkRequest<Reply>) {
    const { ctx, model, agent } = this;
    const timeoutMs = agent.modelTimeout.seconds * 1000;
    const dueAt = (startedAt: number) => this.#budget.replyDueAt(startedAt);
    const options = { offersTools: this.#limit === undefined, timeoutMs, dueAt };
    const attempt = () =>
      requestBySdk(model, options, request).catch((error) => {
        logModelFailure(ctx, model, error);
        throw toRestateError(error);
      });
    return durableStep(ctx, `model turn ${this.#budget.usagePerTurn.length + 1}`, attempt, MODEL_RETRIES);
  }

  #account<Reply>({ reply, startedAt, endedAt }: TimedSdkReply<Reply>, { read }: SdkRequest<Reply>): void {
    const { agent, model } = this;
    const { finishReason = "stop", text, calls, usage } = read(reply);
    const bytes = jsonBytes(reply);
    const tokens = {
      ...usage,
      inputTokens: counted(usage.inputTokens, this.#budget.journal.total),
      outputTokens: counted(usage.outputTokens, bytes),
    };
    const ours = { text, calls, usage: tokens, finishReason, message: null, startedAt, endedAt };
    const used = this.#budget.addReply(ours, bytes);
    this.#finishReason = finishReason;
    // What else the SDK has offered, such as a handoff to another agent, is its own affair.
    this.#turn = { calls: calls.filter(({ tool }) => agent.tools.some(({ name }) => name === tool)) };
    const turn = this.#budget.usagePerTurn.length;
    const names = calls.map(({ tool }) => tool);
    logTurn(this.ctx, this.tools, { turn, model, calls: names, durationMs: endedAt - startedAt, ...used });
    const { messages } = this.#from;
    tellTurn(this.#told, agent.name, { turn, model, reply: ours, usage: used, limit: this.#limit, messages });
  }

  /**
   * What came of a call of the last reply, as the model is to read it: `{ type: "json", value }`, or `{ type: "error", message }`.
   * @throws CancelledError when the run is cancelled (F13). It ends the run, whatever the SDK makes of it.
   */
  async result(id: string): Promise<ResultForModel["output"]> {
    this.#throwIfEnded();
    const turn = this.#turn;
    turn.results ??= this.#fanOut(turn.calls);
    const result = (await turn.results).get(id);
    if (result) return marked(this.agent, forModel(result)).output;
    const ids = turn.calls.map((call) => call.id).join(", ");
    throw this.#end(new TerminalError(`The model's last reply has no call "${id}". Its calls: ${ids}`));
  }

  async #fanOut(calls: readonly Call[]): Promise<Map<string, CallResult>> {
    const { agent } = this;
    const { settings, depth } = this.#from;
    const budget = this.#budget;
    const options = {
      maxCalls: this.#limit === undefined ? budget.callsLeft : 0,
      writesNeedApproval: this.#results.some(({ tool }) => agent.untrusted.includes(tool)),
      maxParallelCalls: settings.maxParallelCalls,
      deadlineAt: budget.deadlineAt,
      now: budget.account.now,
      maxResultBytes: budget.bytesPerResult(calls.length),
      depth,
      limitsLeft: budget.limitsLeft,
      told: this.#told,
    };
    try {
      const { results, endedAt } = await fanOut(this.ctx, agent.tools, calls, options);
      budget.addResults(results, endedAt);
      budget.journal.addEvents(this.#told.takeBytes());
      this.#results.push(...results);
      return new Map(results.map((result) => [result.id, result]));
    } catch (error) {
      throw this.#end(error);
    }
  }

  /** Every call so far, and what came of it, in the order in which the model asked for them. */
  get calls(): readonly CallResult[] {
    return this.#results;
  }

  /**
   * Runs the loop.
   * @throws what has ended the run, if something has. Any other error of the SDK's is terminal: each replay would come to it.
   */
  async run<Answer>(loop: (run: this) => Promise<Answer>): Promise<AgentOutput<unknown>> {
    try {
      const answer = await loop(this);
      this.#throwIfEnded();
      const end = this.#finishReason === "tool-calls" ? "other" : this.#finishReason;
      return toOutput(answer, this.#limit ?? end, this.#budget);
    } catch (error) {
      this.#throwIfEnded();
      if (error instanceof TerminalError) throw error;
      logUnexpected(this.ctx, error);
      throw new TerminalError(cleanMessage(error));
    }
  }

  #end(error: unknown): unknown {
    this.#ended ??= error;
    return this.#ended;
  }

  #throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}

const ONE_AT_A_TIME =
  "A run asks its model one request at a time: agents that are to think at the same time are runs of their own, as tools.";
const AFTER_THE_LAST = "The loop asks its model again after the last turn";

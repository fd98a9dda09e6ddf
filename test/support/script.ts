import type { ChatCompletionRequest, FixtureResponse } from "@copilotkit/aimock";

/** One reply of the scripted model: calls, an answer, or anything else that aimock can send. */
export type Reply = FixtureResponse;

/** The model's answer to each request, at once or when the promise is fulfilled. */
export type Script = (request: ChatCompletionRequest) => Reply | Promise<Reply>;

export function calls(...list: { id: string; name: string; input: unknown }[]): Reply {
  return {
    toolCalls: list.map(({ id, name, input }) => ({
      id,
      name,
      arguments: typeof input === "string" ? input : JSON.stringify(input),
    })),
  };
}

export const answer = (content: string): Reply => ({ content });

/** A reply that never comes. */
export const silence: Promise<Reply> = new Promise(() => {});

/** A model that gives these replies in turn. The request shows which one is due, so a repeated request gets the same reply. */
export function replies(...list: (Reply | Promise<Reply>)[]): Script {
  return (request) => {
    // The Responses protocol has one item per call, so consecutive assistant messages are one reply.
    const turn = request.messages.filter(
      ({ role }, index) => role === "assistant" && request.messages[index - 1]?.role !== "assistant",
    ).length;
    const reply = list[turn];
    if (!reply) throw new Error(`the script has ${list.length} replies, but reply ${turn + 1} was asked for`);
    return reply;
  };
}

/** A model that gives these replies one by one, whatever it is asked, and then keeps repeating the last one. */
export function oneByOne(...list: [Reply, ...Reply[]]): Script {
  let given = 0;
  return () => list[Math.min(given++, list.length - 1)] as Reply;
}

/** A model that gives these replies in turn to each run; `list` gets the run's message. */
export function repliesToEach(list: (message: string) => Reply[]): Script {
  return (request) => {
    const message = request.messages.find(({ role }) => role === "user")?.content;
    return replies(...list(String(message)))(request);
  };
}

/** What the model was told about each call, by call id, in the order of the results. */
export function resultsIn(request: ChatCompletionRequest | undefined): Record<string, unknown> {
  const results = request?.messages.filter(({ role }) => role === "tool") ?? [];
  return Object.fromEntries(
    results.map(({ tool_call_id, content }) => [tool_call_id ?? "", JSON.parse(String(content))]),
  );
}

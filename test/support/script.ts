import { type ModelRequest, type Reply, replies } from "../../lib/testing/index.ts";

export { type Reply, replies, resultsIn, says as answer } from "../../lib/testing/index.ts";

/** The model's answer to each request, at once or when the promise is fulfilled. */
export type Script = (request: ModelRequest) => Reply | Promise<Reply>;

/** The model calls tools, with ids that the test knows. */
export function calls(...list: { id: string; name: string; input: unknown }[]): Reply {
  return {
    toolCalls: list.map(({ id, name, input }) => ({
      id,
      name,
      arguments: typeof input === "string" ? input : JSON.stringify(input),
    })),
  };
}

/** A reply that never comes. */
export const silence: Promise<Reply> = new Promise(() => {});

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

/** What a program sends its parent: the answer to a message, or why there is none. */
export interface Reply {
  value?: unknown;
  error?: string;
}

/**
 * Makes this process a program of `startProgram`: it says that it is ready, answers each message, and ends with its parent.
 * @param ready what the parent learns at once.
 */
export function answerParent<Message>(
  answer: (message: Message) => Promise<unknown>,
  stop: () => Promise<void>,
  ready: unknown = {},
): void {
  const send = (reply: Reply) => process.send?.(reply);
  process.on("message", (message: Message) => {
    answer(message).then(
      (value) => send({ value }),
      (error: Error) => send({ error: String(error.stack) }),
    );
  });
  process.once("disconnect", () => void stop().finally(() => process.exit()));
  send({ value: ready });
}

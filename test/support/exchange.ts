import type { ChatCompletionRequest } from "@copilotkit/aimock";

/** A model request to which calls and their results have been added. @param calls tool, input and the result's text. */
export function exchange(
  asked: ChatCompletionRequest,
  calls: readonly (readonly [tool: string, input: object, result: string])[],
): ChatCompletionRequest {
  const toolCalls = calls.map(([name, input], n) => ({
    id: `call_${n}`,
    type: "function" as const,
    function: { name, arguments: JSON.stringify(input) },
  }));
  const results = calls.map(([, , content], n) => ({
    role: "tool" as const,
    content,
    tool_call_id: `call_${n}`,
  }));
  return {
    ...asked,
    messages: [...asked.messages, { role: "assistant", content: null, tool_calls: toolCalls }, ...results],
  };
}

import * as z from "zod";

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const refusalPart = z.object({ type: z.literal("refusal"), refusal: z.string() });
const imagePart = z.object({ type: z.literal("image_url"), image_url: z.object({ url: z.string() }) });
const filePart = z.object({
  type: z.literal("file"),
  file: z.object(
    {
      file_data: z.string("expected a data URL: files that are kept elsewhere are not known here"),
      filename: z.string().optional(),
    },
    "expected file_data",
  ),
});

const partsOf = <const T extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(
  names: string,
  parts: T,
) => z.array(z.discriminatedUnion("type", parts, { error: `expected a part of type ${names}` }));
const textContent = z.union([z.string(), partsOf("text", [textPart])], {
  error: "expected a text, or parts of type text",
});
const userContent = z.union(
  [z.string(), partsOf("text, image_url or file", [textPart, imagePart, filePart])],
  {
    error: "expected a text, or parts of type text, image_url or file",
  },
);
const assistantContent = z.union([z.string(), partsOf("text or refusal", [textPart, refusalPart])], {
  error: "expected a text, or parts of type text or refusal",
});

const toolCall = z.object(
  {
    id: z.string(),
    type: z.literal("function"),
    function: z.object({ name: z.string(), arguments: z.string() }),
  },
  "expected a call of a function",
);

/** A message of the history as this API has it; what else it may have is not read. */
export const chatMessage = z.discriminatedUnion(
  "role",
  [
    z.object({ role: z.enum(["system", "developer"]), content: textContent }),
    z.object({ role: z.literal("user"), content: userContent }),
    z.object({
      role: z.literal("assistant"),
      content: assistantContent.nullish(),
      tool_calls: z.array(toolCall).nullish(),
      function_call: z.null("expected tool_calls").optional(),
    }),
    z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: textContent }),
  ],
  { error: "expected a message whose role is system, developer, user, assistant or tool" },
);
export type ChatMessage = z.output<typeof chatMessage>;
export type ToolCall = z.output<typeof toolCall>;
export type ImagePart = z.output<typeof imagePart>;
export type FilePart = z.output<typeof filePart>;

/** A message's content, whoever's it is. */
export type Content = string | readonly { type: string }[];

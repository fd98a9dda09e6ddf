/**
 * A run and a history as interfaces show them: AI SDK UI ({@link toUIMessageStream}, {@link toUIMessages}) and AG-UI
 * ({@link toAgUiEvents}).
 * @module
 */

export { type AgUiEvent, toAgUiEvents } from "./ag-ui-events.ts";
export type {
  ApprovalDescriptor,
  CallMetadata,
  PartApproval,
  RunMessage,
  RunMetadata,
} from "./run-message.ts";
export { toUIMessageStream } from "./ui-message-stream.ts";
export { toUIMessages } from "./ui-messages.ts";

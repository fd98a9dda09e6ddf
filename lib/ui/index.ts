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

export { type ErrorCode, FanoutError } from "./error.ts";
export { isLastEvent, type PositionedEvent, type ReadOptions, readEvents } from "./event-reader.ts";
export type { IngressAddress } from "./ingress.ts";

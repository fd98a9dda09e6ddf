export type { Approval } from "../call/index.ts";
export { type Answer, APPROVAL_NOTIFIER, isOpen, type Question } from "./approvals.ts";
export { EVENT_MODES, type EventMode, isLast, type Path, type RunEvent, TOPIC } from "./event.ts";
export { eventModes, INGRESS_KEY, INGRESS_URL, withLiveText } from "./live-text.ts";
export type { Pulled } from "./log.ts";
export { promiseOf } from "./promises.ts";
export { RunLog, tellingEnd, type Watch, watchField } from "./publisher.ts";
export { topic } from "./topic.ts";

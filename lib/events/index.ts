export { EVENT_MODES, type EventMode, isLast, type Path, type RunEvent, TOPIC } from "./event.ts";
export { RunLog, tellingEnd, type Watch, watchField } from "./publisher.ts";
export type { Pulled } from "./topic.ts";

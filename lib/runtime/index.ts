export { cleanMessage } from "./clean-message.ts";
export { readSecret, readSecretCalled, readSetting } from "./environment.ts";
export { fieldsOf, JsonMeasure, jsonBytes } from "./json.ts";
export { jsonSerde } from "./json-serde.ts";
export { logTransport, logUnexpected } from "./log.ts";
export { headOfTooDeep, MAX_NESTING, nestsTooDeep, withoutDeepest } from "./nesting.ts";
export { readText, TooLong } from "./read-text.ts";
export { parseRetryAfter } from "./retry-after.ts";
export { check, excerpt, explain, findNoJson } from "./schema.ts";

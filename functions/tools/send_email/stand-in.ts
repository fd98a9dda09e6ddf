import { defineStandIn } from "fanout/sandbox";
import { startSmtp } from "./stand-in/smtp.ts";
import { words } from "./stand-in/words.ts";

/** A mail server that delivers nothing: the sandbox shows what it was given at `/_control/mail`. */
export default defineStandIn({ provider: "smtp", latencyMs: 200, start: startSmtp, words });

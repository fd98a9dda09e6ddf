import { defineAgent } from "../../../../lib/agent/index.ts";
import ample from "../ample/tool.ts";
import composite from "../composite/tool.ts";
import drifts from "../drifts/tool.ts";
import fails from "../fails/tool.ts";
import gate from "../gate/tool.ts";
import guarded from "../guarded/tool.ts";
import guardedWrite from "../guarded_write/tool.ts";
import hasty from "../hasty/tool.ts";
import huge from "../huge/tool.ts";
import large from "../large/tool.ts";
import narrow from "../narrow/tool.ts";
import notify from "../notify/tool.ts";
import outside from "../outside/tool.ts";
import record from "../record/tool.ts";
import scarce from "../scarce/tool.ts";
import slow from "../slow/tool.ts";
import steps from "../steps/tool.ts";

export default defineAgent({
  name: "TestAgent",
  description: "Calls what the test's script says.",
  model: "openai/scripted",
  models: ["openai/gpt-5.4-mini"],
  instructions: "Follow the script.",
  tools: [
    gate,
    slow,
    fails,
    drifts,
    large,
    record,
    narrow,
    huge,
    composite,
    steps,
    scarce,
    ample,
    guarded,
    guardedWrite,
    hasty,
    notify,
    outside,
  ],
  untrusted: ["outside"],
  limits: { maxToolCalls: 300 },
  maxParallelCalls: 250,
});

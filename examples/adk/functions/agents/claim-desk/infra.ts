import { defineInfra } from "fanout/stack";

/** ADK can load databases and scripts by their names; this agent names none. */
export default defineInfra(() => ({}), { bundled: ["@google/adk"] });

import { defineInfra } from "fanout/stack";

/** LangChain can load any provider's package by its name; this agent names none. */
export default defineInfra(() => ({}), { bundled: ["langchain"] });

export { checkTemplate, createProject } from "./create-project.ts";
export { TEMPLATES } from "./sources.ts";
export { assembleTemplates } from "./templates.ts";

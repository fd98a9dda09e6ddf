// What the kit's own build calls.
export { writeCreatePackage } from "./create-package.ts";
export { checkTemplate, createProject } from "./create-project.ts";
export { TEMPLATES } from "./sources.ts";
export { assembleTemplates } from "./templates.ts";

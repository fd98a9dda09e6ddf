/** A line that a project has to change when it takes a newer kit. */
export interface Change {
  /** The first version of the kit with which the line no longer works. */
  since: string;
  /** The project's files that may have such a line, as a glob. */
  files: string;
  line: RegExp;
  /** What to do. */
  advice: string;
}

/** Every change that a project has to follow, newest first. CHANGELOG.md tells of them in words. */
export const changes: readonly Change[] = [
  {
    since: "0.2.0",
    files: "bin/fanout.ts",
    line: /\brunCommandLine\(/,
    advice:
      'The command finds the project by itself: remove bin/fanout.ts, and in package.json write "fanout" for "node bin/fanout.ts".',
  },
  {
    since: "0.2.0",
    files: "bin/{app,deploy-role}.ts",
    line: /cdk\.json"/,
    advice:
      "The kit has CDK's feature flags: remove this import and what is made of it (featureFlags, context). A flag that is not to be the kit's stays in cdk.json.",
  },
  {
    since: "0.2.0",
    files: "{bin,functions,test}/**/*.ts",
    line: /from "(?:\.\.\/)+lib\//,
    advice: 'The kit is a package: import it by its names, such as "fanout/tool".',
  },
];

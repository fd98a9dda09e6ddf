import type { Finding, Preflight } from "../../operate/index.ts";

/** The steps of a deployment, in their order. */
export interface Steps {
  /** Looks for what would make it fail, and changes nothing. */
  preflight(): Promise<Preflight>;
  /** Makes the cloud assembly that is compared and deployed. */
  synthesise(): Promise<void>;
  /** Shows what would change. */
  diff(): Promise<void>;
  /** Whether to go on. */
  agreed(): Promise<boolean>;
  /** Changes what runs. */
  deploy(): Promise<void>;
  /** Examines what runs then. Nothing is known of a Restate that only the stack reaches. */
  examine(preflight: Preflight): Promise<readonly Finding[]>;
  /** Asks an agent a question. */
  smokeRun(preflight: Preflight): Promise<void>;
  /** Tells a person which step begins. */
  begin(step: string): void;
}

/** How to look at a deployment that does not work, and how to go back. */
const GO_BACK =
  "Look at it with: npx fanout show <id>, npx fanout logs <id>, npx fanout doctor. To go back, check out the former commit and deploy that; runs in flight end on the version that they began on.";

/** What goes on when CDK has ended too early. */
const AT_AWS =
  'CloudFormation rolls back what failed, and goes on with what was only interrupted: see "A deployment failed" in docs/operating.md.';

/**
 * Deploys, step by step; the first one that fails ends it.
 * @throws Error saying what has happened by then: nothing, or what to look at.
 */
export async function deploy(steps: Steps): Promise<void> {
  steps.begin("Preflight");
  const preflight = await steps.preflight();
  refuse(preflight.findings, "Nothing was changed.");
  steps.begin("Synthesis");
  await unchanged(steps.synthesise());
  steps.begin("Differences");
  await unchanged(steps.diff());
  if (!(await unchanged(steps.agreed()))) throw new Error("Nothing was changed.");
  steps.begin("Deployment");
  await steps.deploy().catch((error: Error) => {
    throw new Error(`${error.message} ${AT_AWS}`, { cause: error });
  });
  steps.begin("Examination");
  refuse(await steps.examine(preflight), `It is deployed. ${GO_BACK}`);
  steps.begin("Smoke run");
  await steps.smokeRun(preflight).catch((error: Error) => {
    throw new Error(`${error.message}\nIt is deployed. ${GO_BACK}`, { cause: error });
  });
}

function refuse(findings: readonly Finding[], state: string): void {
  const problems = findings.filter(({ level }) => level === "problem").length;
  if (problems > 0) throw new Error(`\n${problems === 1 ? "1 problem" : `${problems} problems`}. ${state}`);
}

/** Adds to what a step throws that nothing was changed by then. */
async function unchanged<T>(step: Promise<T>): Promise<T> {
  return step.catch((error: Error) => {
    throw new Error(`${error.message} Nothing was changed.`, { cause: error });
  });
}

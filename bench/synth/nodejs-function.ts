import { App, Stack } from "aws-cdk-lib";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import "../../lib/stack/agent-stack.ts";
import { HANDLER, tools } from "./rosters.ts";

/** The same tools as CDK's own construct deploys them: one esbuild process for each. */
const app = new App();
const stack = new Stack(app, "nodejs");
for (const { name } of tools) {
  const fn = new NodejsFunction(stack, name, {
    // CDK tells assets apart by what goes in, and would bundle the same input once.
    entry: HANDLER,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    bundling: {
      format: OutputFormat.ESM,
      minify: true,
      keepNames: true,
      define: { TOOL: JSON.stringify(name) },
    },
  });
  void fn.currentVersion;
}
app.synth();

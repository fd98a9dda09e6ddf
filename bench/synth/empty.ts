import { App, Stack } from "aws-cdk-lib";
import "../../lib/stack/agent-stack.ts";

/** CDK's own start: everything is loaded, and there is nothing to synthesise. */
const app = new App();
new Stack(app, "empty");
app.synth();

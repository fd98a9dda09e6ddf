import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TOOL_KIT = join(import.meta.dirname, "../tool");

/**
 * Writes the handler of a tool that is an existing Lambda function, for the bundler: every such tool has the same one,
 * around its own contract.
 * @param contract the path of its tool.ts.
 * @param directory where the file is written.
 * @returns the file's path.
 */
export function writeLambdaAdapter(name: string, contract: string, directory: string): string {
  const file = join(directory, `${name}.ts`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    file,
    [
      `import { invokeLambda } from ${JSON.stringify(join(TOOL_KIT, "invoke-lambda.ts"))};`,
      `import { serve } from ${JSON.stringify(join(TOOL_KIT, "serve.ts"))};`,
      `import tool from ${JSON.stringify(contract)};`,
      "export const handler = serve(invokeLambda(tool));",
      "",
    ].join("\n"),
  );
  return file;
}

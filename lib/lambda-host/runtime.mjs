// The runtime of one execution environment: loads the handler, then takes one request at a time from the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { existsSync, readdirSync } from "node:fs";
import http from "node:http";
import module from "node:module";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { replaceConsole } from "./runtime-console.mjs";

const { AWS_LAMBDA_LOG_LEVEL, AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
const API = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
// No timeouts anywhere on this agent: a request for the next invocation stays open while the process is frozen.
const agent = new http.Agent({ keepAlive: true });
const LOST_RUNTIME_API = 70;

// A folder for compiled code; an older Node has none. The handler does not see it, as on AWS.
const [compiled] = process.argv.splice(2);
if (compiled) module.enableCompileCache?.(compiled);

let current;
const log = replaceConsole(AWS_LAMBDA_LOG_LEVEL, () => current);

function call(method, path, body) {
  return new Promise((resolve) => {
    const lost = () => process.exit(LOST_RUNTIME_API);
    // Without a type it would pass for a web page's request, which the host refuses.
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const request = http.request(API + path, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", lost);
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", lost);
    request.end(body);
  });
}

function describe(error, errorType) {
  const isError = error instanceof Error;
  return JSON.stringify({
    errorType: errorType ?? (isError ? error.name : typeof error),
    errorMessage: isError ? error.message : String(error),
    trace: isError ? (error.stack ?? "").split("\n") : [],
  });
}

async function failInit(error, errorType) {
  log(error);
  await call("POST", "/init/error", describe(error, errorType));
  process.exit(1);
}

async function load() {
  const file = basename(_HANDLER);
  const [name, ...exportPath] = file.split(".");
  const stem = join(LAMBDA_TASK_ROOT, dirname(_HANDLER), name);
  const path = [".mjs", ".js", ".cjs"]
    .map((extension) => stem + extension)
    .find((candidate) => existsSync(candidate));
  if (!path)
    return failInit(
      new Error(`Cannot find module '${name}' (.mjs, .js, .cjs) in the bundle`),
      "Runtime.ImportModuleError",
    );
  let module;
  try {
    module = await import(pathToFileURL(path).href);
  } catch (error) {
    if (error?.code === "ERR_MODULE_NOT_FOUND" || error?.code === "MODULE_NOT_FOUND")
      return failInit(error, "Runtime.ImportModuleError");
    return failInit(error, error instanceof SyntaxError ? "Runtime.UserCodeSyntaxError" : undefined);
  }
  const handler = exportPath.reduce((value, key) => value?.[key], module);
  if (handler === undefined)
    return failInit(new Error(`${_HANDLER} is undefined or not exported`), "Runtime.HandlerNotFound");
  if (typeof handler !== "function")
    return failInit(new Error(`${_HANDLER} is not a function`), "Runtime.HandlerNotFound");
  if (handler.length >= 3)
    return failInit(
      new Error(`${_HANDLER} takes a callback; Node.js 24 on Lambda has no callbacks, return a promise`),
      "Runtime.CallbackHandlerDeprecated",
    );
  return handler;
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function answer(handler, event, context) {
  try {
    const result = await handler(event, context);
    return { path: "response", body: JSON.stringify(result === undefined ? null : result) };
  } catch (error) {
    log(error);
    return { path: "error", body: describe(error) };
  }
}

/** The process ends without a warning. After a request there is more to keep than after the start. */
function keepCompiled() {
  const folder = module.getCompileCacheDir?.();
  if (folder && readdirSync(folder).length === 0) module.flushCompileCache();
}

async function crash(error, errorType, code) {
  log(error);
  if (current) await call("POST", `/invocation/${current}/error`, describe(error, errorType));
  process.exit(code);
}
process.on("uncaughtException", (error) => crash(error, undefined, 129));
process.on("unhandledRejection", (error) => crash(error, "Runtime.UnhandledPromiseRejection", 128));

const handler = await load();
for (let requests = 1; ; requests++) {
  const { headers, body } = await call("GET", "/invocation/next");
  const context = contextOf(headers);
  current = context.awsRequestId;
  const { path, body: result } = await answer(handler, JSON.parse(body), context);
  await call("POST", `/invocation/${current}/${path}`, result);
  current = undefined;
  if (compiled && requests === 1) keepCompiled();
}

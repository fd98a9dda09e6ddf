import { expect, test } from "vitest";
import type { LambdaFunction } from "./lambda-functions.ts";
import { candidates } from "./prune.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:fanout-prod-get_weather";

function version(number: string, provisioned = 0) {
  return {
    version: number,
    memoryMb: 512,
    codeSha256: "",
    environment: {},
    provisioned: { requested: provisioned, ready: provisioned },
  };
}

function functionWith(...numbers: string[]): LambdaFunction {
  return {
    name: "fanout-prod-get_weather",
    arn: ARN,
    description: "",
    latest: version("$LATEST"),
    versions: numbers.map((number) => version(number)),
    reserved: undefined,
  };
}

/** A Restate in which `dp_<version>` is each registered version's deployment. */
function restate(registered: string[], live: string, runs: Record<string, number> = {}) {
  return {
    deployments: registered.map((number) => ({
      id: `dp_${number}`,
      arn: number.includes(":") ? number : `${ARN}:${number}`,
      assumeRoleArn: undefined,
      services: ["get_weather"],
    })),
    services: new Map([["get_weather", { name: "get_weather", deploymentId: `dp_${live}`, public: false }]]),
    runsInFlight: new Map(Object.entries(runs).map(([number, count]) => [`dp_${number}`, count])),
  };
}

const verdicts = (...[found, snapshot, keep]: Parameters<typeof candidates>) =>
  candidates(found, snapshot, keep).map((one) => `${one.version} ${one.verdict}: ${one.reason}`);

test("a version goes when no run needs it, no new calls go to it and it is not the newest", () => {
  expect(verdicts(functionWith("1", "2", "3", "4"), restate(["1", "2", "3"], "3", { 2: 2 }), 0)).toEqual([
    "1 remove: no run needs it",
    "2 keep: 2 runs in flight",
    "3 keep: new calls go there",
    "4 keep: the newest version",
  ]);
});

test("versions are in numeric order, not alphabetic", () => {
  expect(verdicts(functionWith("9", "10", "11"), restate(["9", "10", "11"], "11"), 1)).toEqual([
    "9 remove: no run needs it",
    "10 keep: one of the last 1 old versions",
    "11 keep: new calls go there",
  ]);
});

test("after a rollback the version that calls go to stays, and so does the newest one", () => {
  expect(verdicts(functionWith("1", "2"), restate(["1", "2"], "1"), 0)).toEqual([
    "1 keep: new calls go there",
    "2 keep: the newest version",
  ]);
});

test("a deployment whose version Lambda no longer has goes when no run needs it", () => {
  expect(verdicts(functionWith("3"), restate(["1", "2", "3"], "3", { 2: 1 }), 0)).toEqual([
    "1 remove: no run needs it",
    "2 keep: 1 run in flight",
    "3 keep: new calls go there",
  ]);
});

test("a function of the same name in another region or account is somebody else's", () => {
  const elsewhere = ARN.replace("eu-west-1", "us-east-1");
  const snapshot = restate([`${elsewhere}:1`, "2"], "2");
  expect(verdicts(functionWith("1", "2"), snapshot, 0)).toEqual([
    "1 remove: not registered with Restate",
    "2 keep: new calls go there",
  ]);
});

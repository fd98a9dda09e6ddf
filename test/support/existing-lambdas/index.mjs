// An ordinary Lambda function that knows nothing of the project. It does what its event says.
const actions = {
  answer: () => ({ answer: "theirs" }),
  throw: () => {
    throw new RangeError(
      "no such city, says arn:aws:lambda:us-east-1:000000000000:function:their-function\n    at secret.js:1:1",
    );
  },
  drift: () => ({ answer: 42 }),
  exit: () => process.exit(1),
  hang: () => new Promise(() => setInterval(() => {}, 1000)),
  overflow: () => ({ answer: "x".repeat(7_000_000) }),
  ask: async () => ({ answer: await (await fetch(process.env.GATE_URL, { method: "POST" })).text() }),
};

export const handler = (event) => actions[event.action]();

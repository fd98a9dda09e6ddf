import { expect, test } from "vitest";
import { RunIds } from "./run-id.ts";

const ids = new RunIds("a secret of the server's own");
const RUN = "inv_1eqtjjdyVFZE0mRKT3q7I5sPCpvwAPiu13";

test("an id leads its subject to the run, on any server with the same secret", () => {
  const id = ids.give("ann", RUN);
  expect(ids.read("ann", id)).toBe(RUN);
  expect(new RunIds("a secret of the server's own").read("ann", id)).toBe(RUN);
});

test("it leads nobody else anywhere", () => {
  const id = ids.give("ann", RUN);
  const [run = "", mac = ""] = id.split(".");
  const other = RUN.replace("inv_1e", "inv_1f");
  expect(ids.read("bob", id)).toBeUndefined();
  expect(new RunIds("the secret of another server").read("ann", id)).toBeUndefined();
  for (const forged of [run, `${run}.`, `${other}.${mac}`, `${id}x`, id.slice(0, -4), `${id}.${mac}`, ""])
    expect(ids.read("ann", forged), forged).toBeUndefined();
});

test("a key is its subject's own, and no id of a run", () => {
  expect(ids.keyOf("ann", "k")).toBe(ids.keyOf("ann", "k"));
  const keys = [
    ids.keyOf("ann", "k"),
    ids.keyOf("bob", "k"),
    ids.keyOf("ann", "l"),
    ids.keyOf('ann","k', ""),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(ids.read("ann", `${RUN}.${ids.keyOf("ann", RUN)}`)).toBeUndefined();
});

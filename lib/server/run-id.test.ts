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

test("a link leads to one question, and names whose it is", () => {
  const asked = { owner: "ann", run: RUN, approval: "ap_1" };
  const link = ids.link(asked);
  expect(ids.readLink(link)).toEqual(asked);
  const [named = "", mac] = link.split(".");
  const name = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  for (const other of [["bob", RUN, "ap_1"], ["ann", RUN, "ap_2"], ["ann", RUN], [1], { 0: "ann" }, null])
    expect(ids.readLink(`${name(other)}.${mac}`)).toBeUndefined();
  for (const forged of [named, `${named}.`, `x.${mac}`, `${link}.${mac}`, ids.give("ann", RUN), ""])
    expect(ids.readLink(forged), forged).toBeUndefined();
  expect(ids.read("ann", link)).toBeUndefined();
  expect(new RunIds("the secret of another server").readLink(link)).toBeUndefined();
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

import { expect, test } from "vitest";
import { RunIds } from "../server/index.ts";
import { EventIds } from "./resumption.ts";

const ids = new EventIds(new RunIds("a secret of the servers"));
const resumable = { invocation: "inv_1abc", request: 7, name: "get_weather" };

test("an event's id leads its own subject, and nobody else, to the call", () => {
  const id = ids.give("ann", resumable);
  expect(ids.read("ann", id)).toEqual(resumable);
  expect(ids.read("bob", id)).toBeUndefined();
  expect(new EventIds(new RunIds("another secret of them")).read("ann", id)).toBeUndefined();
});

test.each(["", "~", "inv_1abc.AAAA~WzEsImEiXQ", "inv_1abc"])("%j leads nowhere", (id) => {
  expect(ids.read("ann", id)).toBeUndefined();
});

import { expect, test } from "vitest";
import { exportNameOf, shortNameOf, toolNameOf, urlSettingOf } from "./names.ts";

test.each([
  ["get-sum", "github_get_sum"],
  ["getSum", "github_get_sum"],
  ["issues/list.all", "github_issues_list_all"],
  ["_Get Sum_", "github_get_sum"],
  ["v2", "github_v2"],
])("the server's tool %s is called %s here", (theirs, ours) => {
  expect(toolNameOf("github", theirs)).toBe(ours);
  expect(shortNameOf("github", theirs)).toBeUndefined();
});

test("a name that is too long, or of nothing, is an error that says where to give another one", () => {
  const long = "trigger-a-very-long-running-operation";
  expect(() => toolNameOf("everything", long)).toThrow(
    'everything: the tool "trigger-a-very-long-running-operation" would be called "everything_trigger_a_very_long_running_operation": expected snake_case, at most 36 characters. Give it a name in server.ts.',
  );
  expect(shortNameOf("everything", long)).toBe("trigger_a_very_long_running_operatio");
  expect(() => toolNameOf("everything", "日本")).toThrow('would be called "everything_"');
});

test("a contract's export is no word of JavaScript, and different names have different ones", () => {
  expect(["get_sum", "delete", "get_2", "a_b_c"].map(exportNameOf)).toEqual([
    "getSum",
    "deleteTool",
    "get_2Tool",
    "aBC",
  ]);
});

test("a server's URL is a setting with its name", () => {
  expect(urlSettingOf("git_hub2")).toBe("GIT_HUB2_MCP_URL");
});

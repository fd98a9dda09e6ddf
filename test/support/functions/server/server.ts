import { defineServer } from "../../../../lib/server/index.ts";

/** The bearer token is the subject. */
export default defineServer({
  authorize: (request) => request.headers.get("authorization")?.replace("Bearer ", ""),
  chatCompletions: true,
});

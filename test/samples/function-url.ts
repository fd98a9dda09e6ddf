import { defineServer } from "fanout/server";

const users = new Map([["Bearer a-long-random-key", "ann"]]);

export default defineServer({
  authorize: (request) => users.get(request.headers.get("authorization") ?? ""),
});

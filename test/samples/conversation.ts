import { connectToRoutes } from "fanout/client";

const helper = connectToRoutes({ url: "http://127.0.0.1:9003" }).agent("ParallelToolAgent");
const conversation = helper.conversation("a-trip");

for (const message of ["What is the weather in Tokyo?", "What is the weather in London? Which is warmer?"]) {
  const { id } = await conversation.send(message);
  console.log((await helper.result(id)).answer);
}
const { messages } = await conversation.history();
console.log(messages.map(({ role }) => role).join(", "));

// What the tutorials on Server-Sent Events with Express show: a list of answers, and a loop that writes to each.
const express = require("express");

const app = express();
let clients = [];

app.get("/events", (request, response) => {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    Connection: "keep-alive",
  });
  response.flushHeaders();
  clients.push(response);
  request.on("close", () => {
    clients = clients.filter((client) => client !== response);
  });
});

app.post("/post", express.text(), (request, response) => {
  clients.forEach((client) => client.write(`data: ${request.body}\n\n`));
  response.sendStatus(200);
});

const server = app.listen(0, "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

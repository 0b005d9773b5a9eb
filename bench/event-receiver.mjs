// Receivers of events in a process of their own, so that counting them does not disturb who measures:
// started with an IPC channel; tells its ports, then, whenever it is asked, what each has received.
import { createServer } from "node:http";

const RECEIVERS = 2;

const received = Array.from({ length: RECEIVERS }, () => 0);
const servers = received.map((_, index) =>
  createServer((request, response) => {
    request.setEncoding("latin1");
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      received[index] += body.match(/"specversion"/g)?.length ?? 0;
      response.end('{"text":"Success","code":0}');
    });
  }),
);
for (const server of servers) {
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
}
process.on("message", () => process.send?.({ received }));
process.send?.({ ports: servers.map((server) => server.address().port) });

// The least that a reverse proxy in Node can do: node:http in front, a pool of undici behind, header
// fields passed on, bodies streamed. No identity, no rules, no events. Argument: port of the application.
import { createServer } from "node:http";

import { Pool } from "undici";

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, { connections: 32, bodyTimeout: 0 });
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

const server = createServer({ keepAliveTimeout: 120_000 }, (request, reply) => {
  const headers = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (!HOP_BY_HOP.has(name)) headers[name] = value;
  }
  const body = request.headers["content-length"] === undefined ? null : request;
  pool
    .stream({ path: request.url, method: request.method, headers, body }, (answer) => {
      const kept = {};
      for (const [name, value] of Object.entries(answer.headers)) {
        if (!HOP_BY_HOP.has(name)) kept[name] = value;
      }
      reply.writeHead(answer.statusCode, kept);
      return reply;
    })
    .catch(() => reply.destroy());
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

// The application of the benchmark: small JSON, downloads, an upload that it throws away. Prints its port.
import { createServer } from "node:http";

const MB = 1_000_000;
const small = Buffer.from(JSON.stringify({ rows: "x".repeat(2_000) }));
const piece = Buffer.alloc(64 * 1024, "download ");

const server = createServer({ keepAliveTimeout: 120_000 }, (request, reply) => {
  const size = /^\/bytes\/(\d+)$/.exec(request.url)?.[1];
  if (request.method === "POST") {
    let bytes = 0;
    request.on("data", (chunk) => (bytes += chunk.length));
    request.on("end", () => reply.end(String(bytes)));
    return;
  }
  if (size === undefined) {
    reply.writeHead(200, { "content-type": "application/json", "content-length": small.length });
    reply.end(small);
    return;
  }
  let left = Number(size) * MB;
  reply.writeHead(200, { "content-type": "text/plain", "content-length": left });
  const more = () => {
    while (left > 0) {
      const next = left < piece.length ? piece.subarray(0, left) : piece;
      left -= next.length;
      if (!reply.write(next)) {
        reply.once("drain", more);
        return;
      }
    }
    reply.end();
  };
  more();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

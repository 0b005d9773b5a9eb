// Asks for the same thing over a few kept connections, again and again, and times each answer. Written
// on plain sockets: what it costs itself is not to be seen in the figures.
// Arguments: JSON { port, path, connections, requests, warmUp, upload, headers }. Prints JSON.
import { connect } from "node:net";
import { performance } from "node:perf_hooks";

const { port, path, connections, requests, warmUp, upload, headers } = JSON.parse(process.argv[2]);
const body = upload > 0 ? Buffer.alloc(64 * 1024, "upload ") : null;
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const latencies = [];
let cookie = "";
let asked = 0;
let began = 0;

function head() {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const more = cookie === "" ? "" : `cookie: ${cookie}\r\n`;
  const length = upload > 0 ? `content-type: text/plain\r\ncontent-length: ${upload}\r\n` : "";
  const line = `${upload > 0 ? "POST" : "GET"} ${path} HTTP/1.1\r\n`;
  return Buffer.from(
    `${line}host: 127.0.0.1:${port}\r\naccept: application/json\r\n${more}${length}${fields.join("")}\r\n`,
  );
}

/** One connection: asks until `limit` requests have been asked in all. */
function ask(limit) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    let started = 0;
    let left = -1;
    let kept = Buffer.alloc(0);
    const next = () => {
      if (asked >= limit) {
        socket.destroy();
        resolve();
        return;
      }
      asked += 1;
      started = performance.now();
      socket.write(head());
      if (body !== null) send(upload);
    };
    const send = (bytes) => {
      let rest = bytes;
      while (rest > 0) {
        const part = rest < body.length ? body.subarray(0, rest) : body;
        rest -= part.length;
        if (!socket.write(part) && rest > 0) {
          socket.once("drain", () => send(rest));
          return;
        }
      }
    };
    socket.on("connect", next);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after ${asked} requests`)));
    socket.on("data", (chunk) => {
      let bytes = chunk.length;
      if (left < 0) {
        kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
        const end = kept.indexOf(END_OF_HEAD);
        if (end < 0) return;
        const text = kept.toString("latin1", 0, end);
        if (!text.startsWith("HTTP/1.1 200")) reject(new Error(text));
        cookie ||= /^set-cookie: (chaperone-[^;]+)/im.exec(text)?.[1] ?? "";
        left = Number(/^content-length: (\d+)/im.exec(text)?.[1]);
        bytes = kept.length - end - 4;
        kept = Buffer.alloc(0);
      }
      left -= bytes;
      if (left > 0) return;
      left = -1;
      latencies.push(performance.now() - started);
      next();
    });
  });
}

async function round(limit, over) {
  asked = 0;
  latencies.length = 0;
  began = performance.now();
  await Promise.all(Array.from({ length: over }, () => ask(limit)));
  return performance.now() - began;
}

await round(1, 1); // the session of the sidecar, and its cookie
await round(warmUp, connections);
process.send?.("begin");
const ms = await round(requests, connections);
latencies.sort((a, b) => a - b);
const at = (share) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
console.log(JSON.stringify({ ms, p50: at(0.5), p99: at(0.99) }));

// Exit 0 when the SSH listener greets (RFC 4253 section 4.2) within some seconds, 1 otherwise.
// Where it listens: CHAPERONE_HEALTH=host:port, by default 127.0.0.1:2222.
import { connect } from "node:net";

const GREETING_MS_MAX = 4_000;
const [, host, port] = /^(.*):(\d+)$/.exec(process.env.CHAPERONE_HEALTH ?? "127.0.0.1:2222") ?? [];

const socket = connect({ host, port: Number(port) });
const end = (code) => {
  socket.destroy();
  process.exit(code);
};
socket.setTimeout(GREETING_MS_MAX, () => end(1));
socket.on("error", () => end(1));
socket.on("close", () => end(1));
socket.on("data", (chunk) => end(chunk.toString("latin1").startsWith("SSH-2.0-") ? 0 : 1));

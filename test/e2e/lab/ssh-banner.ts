import { connect } from "node:net";

/** True when somebody on the port introduces themselves as an SSH server (RFC 4253 section 4.2). */
export function answersWithBanner(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => done(false));
    socket.on("error", () => done(false));
    socket.on("close", () => done(false));
    socket.on("data", (chunk) => done(chunk.toString("latin1").includes("SSH-2.0-")));
  });
}

import { createServer } from "node:net";
import type { Config } from "../../config/index.js";
import { bad, fine, type Finding } from "./finding.js";

/** Ports below this need a privilege on Linux. */
const PRIVILEGED_PORTS = 1_024;

/** Whether the sidecar could listen: it is tried for a moment. */
export async function examineListeners(config: Config): Promise<readonly Finding[]> {
  const { address, port } = config.listen.ssh;
  const subject = `listen.ssh ${address}:${port}`;
  const code = await tryToListen(address, port);
  switch (code) {
    case null:
      return [fine(subject, "free")];
    case "EADDRINUSE":
      return [
        bad(
          subject,
          "in use by another process (perhaps this sidecar is running)",
          `stop it, or change \`listen.ssh.port\`; \`ss -ltnp 'sport = :${port}'\` shows whose it is`,
        ),
      ];
    case "EACCES":
      return [
        bad(
          subject,
          "not permitted",
          port < PRIVILEGED_PORTS
            ? "use a port from 1024 on, or give the capability CAP_NET_BIND_SERVICE"
            : "ask who runs this machine",
        ),
      ];
    case "EADDRNOTAVAIL":
      return [
        bad(subject, "this machine does not have that address", "change `listen.ssh.address`"),
      ];
    default:
      return [bad(subject, `can not listen: ${code}`, "change `listen.ssh`")];
  }
}

function tryToListen(address: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => {
      resolve("code" in error && typeof error.code === "string" ? error.code : error.message);
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      server.close(() => resolve(null));
    });
  });
}

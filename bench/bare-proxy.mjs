// The least that a two-leg proxy on the same SSH library can do: accept anybody, log in to the target,
// pipe. What the sidecar costs above this is the sidecar's own; `cpu.mjs` measures both side by side.
// Arguments: host key, account key, account, target port. Prints its port.
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";

import ssh2 from "ssh2";

const [hostKey, accountKey, account, targetPort] = process.argv.slice(2);
const cipher = ["aes128-gcm@openssh.com"];

const server = new ssh2.Server(
  { hostKeys: [readFileSync(hostKey)], algorithms: { cipher } },
  (person) => {
    const target = new ssh2.Client();
    person.on("authentication", (context) => {
      if (context.method === "none") context.reject(["publickey"]);
      else context.accept();
    });
    person.on("error", () => target.end());
    target.on("error", () => person.end());
    person.on("close", () => target.end());
    const ready = new Promise((resolve) => {
      person.on("ready", () => {
        target.once("ready", resolve);
        target.connect({
          sock: connect({ host: "127.0.0.1", port: Number(targetPort), noDelay: true }),
          username: account,
          privateKey: readFileSync(accountKey),
          algorithms: { cipher },
        });
      });
    });
    person.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptRun, _reject, { command }) => {
        const near = acceptRun();
        void ready.then(() => target.exec(command, (error, far) => join(near, far, error)));
      });
      session.on("subsystem", (acceptRun, _reject, { name }) => {
        const near = acceptRun();
        void ready.then(() => target.subsys(name, (error, far) => join(near, far, error)));
      });
    });
  },
);

function join(near, far, error) {
  if (error) {
    near.exit(255);
    near.end();
    return;
  }
  near.pipe(far);
  far.pipe(near, { end: false });
  let code = 0;
  far.on("exit", (value) => (code = value ?? 255));
  far.on("close", () => {
    near.exit(code);
    near.end();
  });
}

const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
listener.listen(0, "127.0.0.1", () => console.log(listener.address().port));

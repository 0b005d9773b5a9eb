// The sidecar's SSH adapter from dist with a core that allows everything: both legs, the relay, its
// queues and windows, but no session, pump, spool, recording, rules or worker processes.
// Arguments: host key, account key, account, target port. Prints its port.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

import { Secret } from "../dist/kernel/index.js";
import { createSshServer } from "../dist/protocols/ssh/index.js";

const [hostKey, accountKey, account, targetPort] = process.argv.slice(2);
const person = { name: "alice", groups: [], phrase: "", factors: [] };
const ok = (value) => Promise.resolve({ ok: true, value });

const ports = {
  authority: {
    authenticate: ({ proof }) =>
      Promise.resolve(
        proof.method === "publickey"
          ? { type: "accepted", person }
          : { type: "refused", next: ["publickey"] },
      ),
    prompts: () => Promise.resolve([]),
    openSession: (login) =>
      ok({
        facts: {
          id: login.session,
          protocol: "ssh",
          person,
          account,
          target: { name: "target", address: "127.0.0.1", labels: {}, embedded: false },
          origin: login.origin,
          clientVersion: login.clientVersion,
          authMethods: login.passed,
        },
        takesPassword: false,
      }),
  },
  sessions: {
    open: (_facts, traffic) => ({ input: (input) => allow(input).forEach(traffic.carryOut) }),
  },
  targets: {
    plan: () =>
      ok({
        type: "ssh",
        host: "127.0.0.1",
        port: Number(targetPort),
        account,
        credential: { type: "key", privateKey: new Secret(readFileSync(accountKey)) },
        hostKeyAlgorithms: [],
        trustedKeys: [],
        connectTimeoutMs: 10_000,
      }),
    judgeHostKey: () => Promise.resolve({ type: "trusted" }),
  },
};

function allow(input) {
  const answer = (value) => [{ kind: "answer", request: input.request, answer: value }];
  switch (input.kind) {
    case "channel-asked":
    case "global-asked":
      return answer({ type: "granted" });
    case "request-asked": {
      const { type } = input.asked;
      if (type === "exec" || type === "subsystem" || type === "shell") {
        const inspect = type === "shell" ? "terminal" : "stream";
        return answer({ type: "started", inspect, channelKind: type });
      }
      return answer({ type: "granted" });
    }
    case "client-sent":
      return [{ kind: "send-to-target", channel: input.channel, bytes: input.bytes }];
    case "target-sent":
      return [{ ...input, kind: "send-to-person" }];
    case "client-eof":
      return [{ kind: "eof-to-target", channel: input.channel }];
    case "target-exited":
      return [{ kind: "close-channel", channel: input.channel, exit: input.exit }];
    default:
      return [];
  }
}

const server = createSshServer(ports, { hostKeys: [readFileSync(hostKey)], version: "0.0.0" });
const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) =>
  server.accept(socket),
);
listener.listen(0, "127.0.0.1", () => console.log(listener.address().port));

import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { hostKeyAlgorithms, parseKnownHosts } from "../../../identity/index.js";
import { describeError, escapeControls } from "../../../kernel/index.js";
import { connectTcp } from "../../../net/index.js";
import type {
  Config,
  DesktopTarget,
  EmbeddedTarget,
  HostFacts,
  SshTarget,
  TargetConfig,
} from "../../config/index.js";
import { bad, fine, info, warn, type Finding } from "./finding.js";
import { isExecutable } from "./machine.js";

/** So many targets are asked at once: enough to be quick, too few to look like an attack. */
const ASKED_AT_ONCE = 16;
const ANSWER_MS_MAX = 3_000;
/** RFC 4253 section 4.2 bounds the identification line; what comes before it is bounded by us. */
const GREETING_BYTES_MAX = 4_096;

/** Whether every target can be reached and its host key could be judged. */
export async function examineTargets(config: Config, host: HostFacts): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let i = 0; i < config.targets.length; i += ASKED_AT_ONCE) {
    const some = config.targets.slice(i, i + ASKED_AT_ONCE);
    findings.push(...(await Promise.all(some.map((one) => examineTarget(one, host)))).flat());
  }
  return findings;
}

async function examineTarget(target: TargetConfig, host: HostFacts): Promise<readonly Finding[]> {
  switch (target.type) {
    case "embedded":
      return [embedded(target, host)];
    case "desktop":
      return [await listens(target, `${target.protocol}, through guacd`)];
    case "web":
      return [await listens(target, target.secure ? "https" : "http")];
    case "ssh":
      return [await reachable(target), ...hostKey(target)];
  }
}

/** Whether the machine takes connections is all that is asked of these. */
async function listens(
  { name, host, port }: Pick<DesktopTarget, "name" | "host" | "port">,
  how: string,
): Promise<Finding> {
  const subject = `target ${name}`;
  const where = `${host}:${port}`;
  const socket = await connectTcp({ host, port, timeoutMs: ANSWER_MS_MAX });
  if (!socket.ok) {
    return bad(subject, `${where}: ${socket.error}`, "check `address`, the network and the server");
  }
  socket.value.destroy();
  return fine(subject, `${where} takes connections (${how})`);
}

function embedded(target: EmbeddedTarget, host: HostFacts): Finding {
  const subject = `target ${target.name}`;
  const [program = ""] = target.command;
  if (!isExecutable(program)) {
    return bad(subject, `${program} can not be run`, "change `shell.command`");
  }
  const { runAs } = target;
  if (runAs !== undefined && host.uid !== 0 && runAs.uid !== host.uid) {
    return bad(
      subject,
      `only root can run a shell as uid ${runAs.uid}`,
      "run the sidecar as root, or use `runAs: auto`",
    );
  }
  return fine(subject, `embedded, as ${target.account}`);
}

async function reachable(target: SshTarget): Promise<Finding> {
  const subject = `target ${target.name}`;
  const where = `${target.host}:${target.port}`;
  const greeting = await readGreeting(target.host, target.port);
  if (!greeting.ok) {
    return bad(subject, `${where}: ${greeting.why}`, "check `address`, the network and the server");
  }
  return greeting.text.startsWith("SSH-2.0-")
    ? fine(subject, `${where} answers ${escapeControls(greeting.text)}`)
    : bad(subject, `${where} does not speak SSH 2`, "check `address`");
}

function hostKey(target: SshTarget): readonly Finding[] {
  const subject = `host key of ${target.name}`;
  const trust = target.hostKey;
  switch (trust.type) {
    case "sha256":
      return [fine(subject, `pinned (${trust.fingerprints.length})`)];
    case "first-use":
      return [
        info(subject, "the first key seen is trusted; pin it with `sha256` once you know it"),
      ];
    case "known-hosts":
      return knownHosts(subject, target, trust.file);
  }
}

function knownHosts(subject: string, target: SshTarget, file: string): readonly Finding[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const why = describeError(error);
    return [bad(subject, why, "check `hostKey.knownHosts`")];
  }
  const { hosts, doubts } = parseKnownHosts(text);
  const algorithms = hostKeyAlgorithms(hosts, target.host, target.port);
  const known =
    algorithms.length > 0
      ? fine(subject, `${file} knows ${algorithms.join(", ")}`)
      : bad(
          subject,
          `${file} has no key for it: every connection is refused`,
          `ssh-keyscan -p ${target.port} ${target.host}, compare the fingerprint, then add it`,
        );
  const unread = doubts.map(({ line, message }) =>
    warn(subject, `${file}:${line} ${message}`, "mend or remove the line"),
  );
  return [known, ...unread];
}

type Greeting =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

/** The first line that a server sends. */
function readGreeting(host: string, port: number): Promise<Greeting> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = "";
    const finish = (greeting: Greeting) => {
      socket.destroy();
      resolve(greeting);
    };
    socket.setTimeout(ANSWER_MS_MAX, () => finish({ ok: false, why: "no answer in 3 s" }));
    socket.on("error", (error) => finish({ ok: false, why: error.message }));
    socket.on("close", () => finish({ ok: false, why: "closed without a word" }));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\n");
      if (end >= 0 || text.length > GREETING_BYTES_MAX) {
        finish({ ok: true, text: text.slice(0, end < 0 ? GREETING_BYTES_MAX : end).trimEnd() });
      }
    });
  });
}

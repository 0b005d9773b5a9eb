import type { Exit, PtyFacts } from "../../../model/index.js";
import type { SocketMessage } from "../../../net/index.js";
import {
  freshPty,
  isPlainShell,
  jsonObject,
  ONLY,
  sizeOf,
  type DialectCodec,
  type PersonWord,
  type SocketRequest,
  type TargetWord,
  type TerminalAsked,
  type TerminalDialect,
} from "./dialect.js";

/**
 * `exec` and `attach` of the Kubernetes API (k8s.io/apimachinery/pkg/util/remotecommand): the first byte
 * of a message is the number of its stream, in base64 dialects a digit. Version 5 adds the end of a stream.
 */
export const kubernetes: TerminalDialect = {
  name: "kubernetes",
  protocols: [
    "v5.channel.k8s.io",
    "v4.channel.k8s.io",
    "v4.base64.channel.k8s.io",
    "base64.channel.k8s.io",
    "channel.k8s.io",
  ],
  many: false,
  opens: (request) => askedOf(request),
  codec: (protocol) => codecOf(protocol.includes("base64")),
};

/** Below a cluster's own address, or behind a proxy of several clusters (`/k8s/clusters/c-1/api/v1/...`). */
const PATH =
  /\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/(?:ephemeralcontainers\/[^/]+\/)?(?<verb>exec|attach)$/;

export function isKubernetesPath(path: string): boolean {
  return PATH.test(path);
}

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
const CLOSE = 255;

function askedOf({ path, query }: SocketRequest): TerminalAsked {
  const values = (wanted: string): readonly string[] =>
    query.flatMap(({ name, value }) => (name === wanted ? [value] : []));
  const yes = (name: string): boolean => /^(?:1|t|true)$/i.test(values(name).at(0) ?? "");
  const attach = PATH.exec(path)?.groups?.["verb"] === "attach";
  const pty = yes("tty") ? (attach ? strangePty() : freshPty(null)) : null;
  const command = values("command");
  const shell = attach || (pty !== null && isPlainShell(command));
  return { type: "run", pty, command: shell ? null : command };
}

/** Somebody else has opened it: nothing says that Ctrl-C interrupts there. */
function strangePty(): PtyFacts {
  return { ...freshPty(null), modes: { ISIG: 0 } };
}

function codecOf(base64: boolean): DialectCodec {
  const read = ({ bytes }: SocketMessage): { stream: number; bytes: Uint8Array } | null => {
    const first = bytes[0];
    if (first === undefined) return null;
    if (!base64) return { stream: first, bytes: bytes.subarray(1) };
    const text = Buffer.from(bytes.subarray(1)).toString("latin1");
    return { stream: first - 0x30, bytes: Buffer.from(text, "base64") };
  };
  const make = (stream: number, bytes: Uint8Array): SocketMessage => {
    if (base64) {
      const text = `${String(stream)}${Buffer.from(bytes).toString("base64")}`;
      return { binary: false, bytes: Buffer.from(text, "latin1") };
    }
    const out = new Uint8Array(bytes.length + 1);
    out[0] = stream;
    out.set(bytes, 1);
    return { binary: true, bytes: out };
  };

  function fromPerson(message: SocketMessage): PersonWord {
    const said = read(message);
    if (said === null) return { type: "drop" };
    if (said.stream === STDIN) return { type: "keys", key: ONLY, bytes: said.bytes };
    if (said.stream === RESIZE) {
      const size = jsonObject(Buffer.from(said.bytes).toString("utf8"));
      const cells = sizeOf(size?.["Width"], size?.["Height"]);
      // kubectl says 0 by 0 where its own output is no terminal.
      return cells === null ? { type: "drop" } : { type: "resize", key: ONLY, size: cells };
    }
    if (said.stream === CLOSE && !base64) {
      return said.bytes[0] === STDIN ? { type: "eof", key: ONLY } : { type: "drop" };
    }
    return { type: "refused", reason: "a stream that nobody may write" };
  }

  function fromTarget(message: SocketMessage): TargetWord {
    const said = read(message);
    if (said === null || said.bytes.length === 0) return { type: "drop" };
    switch (said.stream) {
      case STDOUT:
        return { type: "output", key: ONLY, stream: "stdout", bytes: said.bytes };
      case STDERR:
        return { type: "output", key: ONLY, stream: "stderr", bytes: said.bytes };
      case ERROR:
        return { type: "exited", key: ONLY, exit: exitOf(said.bytes) };
      default:
        return { type: "drop" };
    }
  }

  return {
    fromPerson,
    fromTarget,
    keys: (_key, bytes) => [make(STDIN, bytes)],
    output: (_key, stream, bytes) => [make(stream === "stdout" ? STDOUT : STDERR, bytes)],
    endOfKeys: () => (base64 ? [] : [make(CLOSE, Uint8Array.of(STDIN))]),
    over: (_key, { exit, why }) => ({
      toPerson:
        exit.type === "none" && why === undefined
          ? []
          : [make(ERROR, Buffer.from(JSON.stringify(statusOf(exit, why)), "utf8"))],
      toTarget: [],
    }),
  };
}

/** A `Status` of the API machinery: how the program ended. */
function exitOf(bytes: Uint8Array): Exit {
  const status = jsonObject(Buffer.from(bytes).toString("utf8"));
  if (status?.["status"] === "Success") return { type: "code", code: 0 };
  const details = status?.["details"];
  const causes =
    typeof details === "object" && details !== null && "causes" in details ? details.causes : [];
  for (const cause of Array.isArray(causes) ? (causes as readonly unknown[]) : []) {
    if (typeof cause !== "object" || cause === null) continue;
    if (!("reason" in cause) || cause.reason !== "ExitCode" || !("message" in cause)) continue;
    const code = Number(cause.message);
    if (Number.isInteger(code)) return { type: "code", code };
  }
  return { type: "none" };
}

function statusOf(exit: Exit, why: string | undefined): unknown {
  const common = { metadata: {} };
  if (why !== undefined) {
    return { ...common, status: "Failure", reason: "Forbidden", message: why, code: 403 };
  }
  if (exit.type === "code" && exit.code === 0) return { ...common, status: "Success" };
  const code = exit.type === "code" ? exit.code : 137;
  return {
    ...common,
    status: "Failure",
    reason: "NonZeroExitCode",
    message: `command terminated with non-zero exit code: exit status ${String(code)}`,
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  };
}

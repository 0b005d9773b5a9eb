import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SocketMessage } from "../../../net/index.js";
import { commandLine, isPlainShell, ONLY, type DialectCodec } from "./dialect.js";
import { dialectOf } from "./dialects.js";

const PLAIN = [
  { path: "/term/*", dialect: "xterm" },
  { path: "/json/**", dialect: "json" },
] as const;

function recognised(path: string, ...protocols: readonly string[]): string | undefined {
  return dialectOf({ path, query: [], protocols }, PLAIN)?.name;
}

function codec(path: string, protocol: string): DialectCodec {
  const found = dialectOf({ path, query: [], protocols: [protocol] }, PLAIN);
  if (found === null) throw new Error(path);
  return found.codec(protocol);
}

const text = (said: string): SocketMessage => ({ binary: false, bytes: Buffer.from(said) });
const bytes = (...said: readonly number[]): SocketMessage => ({
  binary: true,
  bytes: Uint8Array.from(said),
});
const EXEC = "/api/v1/namespaces/a/pods/b/exec";

describe("a WebSocket with terminals", () => {
  it("is recognised by what it asks for, or by what the administrator says", () => {
    expect(recognised(EXEC, "v4.channel.k8s.io")).toBe("kubernetes");
    expect(recognised(`/k8s/clusters/c-1${EXEC.replace("exec", "attach")}`)).toBe("kubernetes");
    expect(recognised("/cockpit/socket")).toBe("cockpit");
    expect(recognised("/cockpit+=db-1/socket", "cockpit1")).toBe("cockpit");
    expect(recognised("/deep/ws", "tty")).toBe("ttyd");
    expect(recognised("/term/7")).toBe("xterm");
    expect(recognised("/json/a/b")).toBe("json");
    expect(recognised("/term/7/8")).toBeUndefined();
    expect(recognised("/echo", "chat")).toBeUndefined();
  });

  it("opens what the address of Kubernetes says, in the words of a shell", () => {
    const asked = (query: string) => {
      const pairs = [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }));
      const request = { path: EXEC, query: pairs, protocols: ["v4.channel.k8s.io"] };
      return dialectOf(request, [])?.opens(request);
    };
    expect(asked("command=ls&command=-l&command=a%20b&stdout=true")).toEqual({
      type: "run",
      pty: null,
      command: ["ls", "-l", "a b"],
    });
    expect(asked("command=/bin/bash&command=-l&tty=1")).toMatchObject({ command: null });
    expect(asked("command=bash&command=-c&command=id&tty=true")).toMatchObject({
      command: ["bash", "-c", "id"],
    });
    expect(commandLine(["rm", "it's", "$HOME", ""])).toBe("rm 'it'\\''s' '$HOME' ''");
    expect(isPlainShell(["/usr/bin/python3"])).toBe(false);
  });

  it.each([
    ["ttyd", codec("/ws", "tty"), bytes(0x39, 0x41)],
    ["ttyd, a size that is none", codec("/ws", "tty"), text('1{"columns":-1,"rows":2}')],
    ["kubernetes, the stream of errors", codec(EXEC, "v4.channel.k8s.io"), bytes(3, 0x41)],
    ["cockpit, no channel", codec("/cockpit/socket", "cockpit1"), text("no line")],
    ["cockpit, no JSON", codec("/cockpit/socket", "cockpit1"), text("\n{")],
    [
      "cockpit, a program that is no list",
      codec("/cockpit/socket", "cockpit1"),
      text('\n{"command":"open","channel":"1","payload":"stream","spawn":"id"}'),
    ],
    ["json, neither input nor a size", codec("/json/x", ""), text('{"type":"run"}')],
  ])("is ended by what is not understood: %s", (_what, made, message) => {
    expect(made.fromPerson(message).type).toBe("refused");
  });

  it("has connections of Cockpit under channel policy, and its other channels pass", () => {
    const open = (more: string) =>
      codec("/cockpit/socket", "cockpit1").fromPerson(
        text(`\n{"command":"open","channel":"1","payload":"stream"${more}}`),
      );
    expect(open(',"unix":"/run/docker.sock"')).toMatchObject({
      type: "open",
      asked: { type: "connect", to: { path: "/run/docker.sock" } },
    });
    expect(open(',"port":5432,"address":"db"')).toMatchObject({
      asked: { type: "connect", to: { host: "db", port: 5432 } },
    });
    expect(open("")).toEqual({ type: "pass" });
  });

  it("tells how a program of a pod has ended, and is told in the same words", () => {
    const made = codec(EXEC, "v5.channel.k8s.io");
    const { toPerson } = made.over(ONLY, { exit: { type: "code", code: 3 } });
    const [last] = toPerson;
    expect(last && made.fromTarget(last)).toEqual({
      type: "exited",
      key: ONLY,
      exit: { type: "code", code: 3 },
    });
    expect(made.fromPerson(bytes(255, 0))).toEqual({ type: "eof", key: ONLY });
  });

  it.each([
    ["ttyd", "/ws", "tty"],
    ["kubernetes", EXEC, "v4.channel.k8s.io"],
    ["kubernetes in base64", EXEC, "base64.channel.k8s.io"],
    ["xterm", "/term/1", ""],
    ["json", "/json/1", ""],
  ])("of %s carries whatever is typed and shown, however it is cut", (_name, path, protocol) => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.nat(40)), (said, cuts) => {
        const [here, there] = [codec(path, protocol), codec(path, protocol)];
        const whole = Buffer.from(said);
        const places = [0, ...[...cuts].sort((a, b) => a - b), whole.length];
        const pieces = places.slice(1).map((to, at) => whole.subarray(places[at], to));
        const typed = pieces.flatMap((piece) => here.keys(ONLY, piece));
        const shown = pieces.flatMap((piece) => here.output(ONLY, "stdout", piece));
        const read = (words: readonly { readonly bytes?: Uint8Array }[]): string =>
          Buffer.concat(words.map((word) => word.bytes ?? Buffer.alloc(0))).toString();
        const keys = typed.map((one) => there.fromPerson(one));
        const output = shown.map((one) => there.fromTarget(one));
        expect(read(keys.filter((word) => word.type === "keys"))).toBe(said);
        expect(read(output.filter((word) => word.type === "output"))).toBe(said);
      }),
    );
  });

  it("never makes its reader throw, whatever is in a message", () => {
    const messages = fc.record({ binary: fc.boolean(), bytes: fc.uint8Array() });
    const controls = fc.json().map((said) => ({ binary: false, bytes: Buffer.from(`\n${said}`) }));
    const all = [
      ["/ws", "tty"],
      [EXEC, "v5.channel.k8s.io"],
      [EXEC, "base64.channel.k8s.io"],
      ["/cockpit/socket", "cockpit1"],
      ["/term/1", ""],
      ["/json/1", ""],
    ] as const;
    fc.assert(
      fc.property(fc.array(fc.oneof(messages, controls)), (said) => {
        for (const [path, protocol] of all) {
          const made = codec(path, protocol);
          for (const one of said) {
            made.fromPerson(one);
            made.fromTarget(one);
          }
        }
      }),
    );
  });
});

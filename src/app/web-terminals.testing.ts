import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { spawn as spawnPty, type IPty } from "node-pty";
import { WebSocket, WebSocketServer, type RawData } from "ws";

/** How one console carries a terminal: both sides of it, written from the documents of each. */
export interface SpokenDialect {
  readonly name: string;
  readonly path: string;
  readonly protocol: string;
  /** What a page sends first. */
  readonly opening: readonly (string | Buffer)[];
  keys(text: string): string | Buffer;
  resize(columns: number, rows: number): string | Buffer | null;
  /** What is shown; null: something else. */
  shown(message: Buffer): string | null;
  /** The console's side. */
  server(message: Buffer, binary: boolean): ServerWord;
  output(text: string): string | Buffer;
}

type ServerWord =
  | { readonly type: "open"; readonly columns: number; readonly rows: number }
  | { readonly type: "keys"; readonly text: string }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "nothing" };

const NOTHING: ServerWord = { type: "nothing" };

function marked(mark: number, text: string): Buffer {
  return Buffer.concat([Buffer.of(mark), Buffer.from(text)]);
}

function fields(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

const xterm: SpokenDialect = {
  name: "xterm",
  path: "/term/plain?cols=100&rows=30",
  protocol: "",
  opening: [],
  keys: (text) => text,
  resize: () => null,
  shown: (message) => message.toString(),
  server: (message) => ({ type: "keys", text: message.toString() }),
  output: (text) => text,
};

const json: SpokenDialect = {
  name: "json",
  path: "/term/json",
  protocol: "",
  opening: [],
  keys: (data) => JSON.stringify({ type: "input", data }),
  resize: (cols, rows) => JSON.stringify({ type: "resize", cols, rows }),
  shown: (message) => String(fields(message.toString())["data"]),
  server(message) {
    const said = fields(message.toString());
    if (said["type"] === "input") return { type: "keys", text: String(said["data"]) };
    return { type: "resize", columns: Number(said["cols"]), rows: Number(said["rows"]) };
  },
  output: (data) => JSON.stringify({ type: "output", data }),
};

const ttyd: SpokenDialect = {
  name: "ttyd",
  path: "/ws",
  protocol: "tty",
  opening: [Buffer.from(JSON.stringify({ AuthToken: "", columns: 100, rows: 30 }))],
  keys: (text) => marked(0x30, text),
  resize: (columns, rows) => marked(0x31, JSON.stringify({ columns, rows })),
  shown: (message) => (message[0] === 0x30 ? message.toString("utf8", 1) : null),
  server(message) {
    if (message[0] === 0x30) return { type: "keys", text: message.toString("utf8", 1) };
    const said = fields(message.toString("utf8", message[0] === 0x31 ? 1 : 0));
    const size = { columns: Number(said["columns"]), rows: Number(said["rows"]) };
    return { type: message[0] === 0x31 ? "resize" : "open", ...size };
  },
  output: (text) => marked(0x30, text),
};

function kubernetes(protocol: string): SpokenDialect {
  const base64 = protocol.includes("base64");
  const make = (stream: number, text: string): string | Buffer =>
    base64 ? `${String(stream)}${Buffer.from(text).toString("base64")}` : marked(stream, text);
  const read = (message: Buffer): { stream: number; text: string } => ({
    stream: (message[0] ?? 0) - (base64 ? 0x30 : 0),
    text: base64
      ? Buffer.from(message.toString("latin1", 1), "base64").toString()
      : message.toString("utf8", 1),
  });
  return {
    name: protocol,
    path: "/api/v1/namespaces/lab/pods/web-1/exec?command=/bin/bash&stdin=true&stdout=true&tty=true",
    protocol,
    opening: [],
    keys: (text) => make(0, text),
    resize: (Width, Height) => make(4, JSON.stringify({ Width, Height })),
    shown(message) {
      const { stream, text } = read(message);
      return stream === 1 ? text : null;
    },
    server(message) {
      const { stream, text } = read(message);
      if (stream === 0) return { type: "keys", text };
      if (stream !== 4) return NOTHING;
      const size = fields(text);
      return { type: "resize", columns: Number(size["Width"]), rows: Number(size["Height"]) };
    },
    output: (text) => make(1, text),
  };
}

const cockpit: SpokenDialect = {
  name: "cockpit",
  path: "/cockpit/socket",
  protocol: "cockpit1",
  opening: [
    `\n${JSON.stringify({ command: "init", version: 1 })}`,
    `\n${JSON.stringify({
      command: "open",
      channel: "1:1",
      payload: "stream",
      spawn: ["/bin/bash", "-i"],
      pty: true,
      window: { cols: 100, rows: 30 },
    })}`,
  ],
  keys: (text) => `1:1\n${text}`,
  resize: (cols, rows) =>
    `\n${JSON.stringify({ command: "options", channel: "1:1", window: { cols, rows } })}`,
  shown: (message) => (message.toString().startsWith("1:1\n") ? message.toString("utf8", 4) : null),
  server(message) {
    const text = message.toString();
    if (text.startsWith("1:1\n")) return { type: "keys", text: text.slice(4) };
    const said = fields(text.slice(1));
    const window = (said["window"] ?? {}) as Record<string, unknown>; // as written above
    const size = { columns: Number(window["cols"]), rows: Number(window["rows"]) };
    if (said["command"] === "open") return { type: "open", ...size };
    return said["command"] === "options" ? { type: "resize", ...size } : NOTHING;
  },
  output: (text) => `1:1\n${text}`,
};

export const SPOKEN: readonly SpokenDialect[] = [
  xterm,
  json,
  ttyd,
  kubernetes("v5.channel.k8s.io"),
  kubernetes("v4.channel.k8s.io"),
  kubernetes("base64.channel.k8s.io"),
  cockpit,
];

/** YAML of a target whose terminals do not all show themselves. */
export const TERMINAL_PATHS =
  "{ terminals: [ { path: /term/plain, dialect: xterm }, { path: /term/json, dialect: json } ] }";

const door = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => [...offered][0] ?? false,
});

/** Serves a shell behind an upgrade, as consoles do; false: not one of these addresses. */
export function serveTerminal(request: IncomingMessage, socket: Duplex, first: Buffer): boolean {
  const offered = request.headers["sec-websocket-protocol"]?.split(",")[0]?.trim() ?? "";
  const path = (request.url ?? "").split("?", 1)[0];
  const spoken = SPOKEN.find(
    (one) => one.path.split("?", 1)[0] === path && one.protocol === offered,
  );
  if (spoken === undefined) return false;
  door.handleUpgrade(request, socket, first, (ws) => serveShell(ws, spoken));
  return true;
}

function serveShell(ws: WebSocket, spoken: SpokenDialect): void {
  let shell: IPty | null = null;
  const start = (columns: number, rows: number): void => {
    const started = spawnPty("/bin/bash", ["--norc", "--noprofile", "-i"], {
      cols: columns,
      rows,
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", PS1: "lab$ ", TERM: "xterm-256color", HISTFILE: "/dev/null" },
    });
    shell = started;
    started.onData((text) => ws.send(spoken.output(text)));
    started.onExit(() => ws.close(1_000));
  };
  if (spoken.opening.length === 0) start(100, 30);
  ws.on("message", (data: RawData, binary) => {
    const word = spoken.server(data as Buffer, binary); // Buffers are what ws hands out by default
    if (word.type === "open") start(word.columns, word.rows);
    else if (word.type === "keys") shell?.write(word.text);
    else if (word.type === "resize") shell?.resize(word.columns, word.rows);
  });
  ws.on("close", () => shell?.kill("SIGKILL"));
  ws.on("error", () => undefined);
}

/** A page with a terminal on it. */
export interface TerminalPage {
  readonly shown: string;
  readonly closed: { readonly code: number; readonly reason: string } | null;
  type(text: string): void;
  /** The same keys, cut into as many messages. */
  typeEach(text: string): void;
  send(message: string | Buffer): void;
  resize(columns: number, rows: number): void;
  close(): void;
}

/** Opens one through whatever listens at `port`; rejects with the status where it is refused. */
export function openTerminalPage(
  spoken: SpokenDialect,
  {
    port,
    headers,
    path = spoken.path,
  }: {
    readonly port: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly path?: string;
  },
): Promise<TerminalPage> {
  const protocols = spoken.protocol === "" ? [] : [spoken.protocol];
  const ws = new WebSocket(`ws://127.0.0.1:${String(port)}${path}`, protocols, { headers });
  let shown = "";
  let closed: TerminalPage["closed"] = null;
  ws.on("message", (data: RawData) => (shown += spoken.shown(data as Buffer) ?? "")); // as above
  ws.on("close", (code, reason) => (closed = { code, reason: reason.toString() }));
  return new Promise((resolve, reject) => {
    ws.on("error", reject);
    ws.on("unexpected-response", (request, answer) => {
      request.destroy();
      reject(new Error(String(answer.statusCode)));
    });
    ws.on("open", () => {
      for (const message of spoken.opening) ws.send(message);
      resolve({
        get shown() {
          return shown;
        },
        get closed() {
          return closed;
        },
        type: (text) => ws.send(spoken.keys(text)),
        typeEach(text) {
          for (const one of text) ws.send(spoken.keys(one));
        },
        send: (message) => ws.send(message),
        resize(columns, rows) {
          const message = spoken.resize(columns, rows);
          if (message !== null) ws.send(message);
        },
        close: () => ws.close(),
      });
    });
  });
}

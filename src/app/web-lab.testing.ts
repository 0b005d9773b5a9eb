import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { startSidecar, type RunningSidecar } from "./compose.js";
import { parseConfig, thisHost } from "./config/index.js";
import { serveTerminal } from "./web-terminals.testing.js";

/** What the console has seen of a request. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A small web console, as administrators have many: pages, a form, files, a log-in of its own. */
export interface Console {
  readonly port: number;
  readonly seen: Seen[];
  close(): Promise<void>;
}

export const CONSOLE_USER = "root";
export const CONSOLE_PASSWORD = "s3cret of the console";
export const BACKUP = Buffer.from("the backup of the console\n".repeat(4_000));
const PAGE = "<!doctype html><html><head><title>Console</title></head><body>";

export async function startConsole(): Promise<Console> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((request, reply) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => undefined);
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, url, headers, body: Buffer.concat(pieces) };
      seen.push(one);
      answer(one, reply, server);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  // An echo behind the upgrade: what a WebSocket carries is of no interest here.
  const echo = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request: IncomingMessage, socket: Socket, first: Buffer) => {
    if (serveTerminal(request, socket, first)) {
      const { url = "", headers } = request;
      seen.push({ method: "GET", url, headers, body: Buffer.alloc(0) });
      return;
    }
    if (request.url === "/echo") {
      echo.handleUpgrade(request, socket, first, (connection) => {
        connection.on("message", (message: Buffer) => connection.send(message.toString()));
      });
      return;
    }
    seen.push({
      method: "GET",
      url: request.url ?? "",
      headers: request.headers,
      body: Buffer.alloc(0),
    });
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function answer({ method, url, headers, body }: Seen, reply: ServerResponse, server: Server): void {
  const { pathname } = new URL(url, "http://console");
  const html = (text: string, more: Readonly<Record<string, string | string[]>> = {}): void => {
    reply
      .writeHead(200, { "content-type": "text/html; charset=utf-8", ...more })
      .end(`${PAGE}${text}`);
  };
  switch (pathname) {
    case "/login":
      if (method === "GET") {
        reply.setHeader("set-cookie", "pre=1; Path=/");
        html(
          `<form method=post><input type="hidden" name="csrf" value="a&amp;b"><input name=user>`,
        );
        return;
      }
      if (rightLogin(headers, body)) {
        reply.writeHead(303, { location: "/", "set-cookie": "sid=inside; Path=/; HttpOnly" }).end();
      } else reply.writeHead(401).end("no");
      return;
    case "/inside":
      if (headers.cookie?.includes("sid=inside") === true) html("you are inside");
      else reply.writeHead(302, { location: "/login" }).end();
      return;
    case "/away":
      reply
        .writeHead(302, {
          location: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/there`,
          "set-cookie": ["theme=dark; Domain=console.internal; Path=/; Secure", "x=1; Path=/sub"],
        })
        .end();
      return;
    case "/backup":
      sendBackup(headers, reply);
      return;
    case "/packed":
      reply
        .writeHead(200, {
          "content-type": "application/octet-stream",
          "content-encoding": "gzip",
          "content-disposition": 'attachment; filename="backup"',
        })
        .end(gzipSync(BACKUP));
      return;
    case "/events":
      reply.writeHead(200, { "content-type": "text/event-stream" });
      reply.write("data: one\n\n");
      setTimeout(() => reply.end("data: two\n\n"), 50);
      return;
    case "/files":
      html(
        `<form method=post action=/upload enctype=multipart/form-data><input type=file name=f><button>Send</button></form><a href=/backup>Backup</a>`,
      );
      return;
    case "/strict":
      html(`<title>Console</title><input name=note><input name=code type=password>`, {
        "content-security-policy": "default-src 'none'",
      });
      return;
    case "/form":
      html(
        `<h1>Add</h1><form method=post action=/admin/users><input name=name value=bob><input name=password type=password value=hunter2><button>Add</button></form>`,
      );
      return;
    default:
      reply
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ method, url, body: body.toString("utf8").slice(0, 2_000) }));
  }
}

function rightLogin(headers: IncomingHttpHeaders, body: Buffer): boolean {
  const form = new URLSearchParams(body.toString("utf8"));
  const known = form.get("user") === CONSOLE_USER && form.get("pass") === CONSOLE_PASSWORD;
  return known && form.get("csrf") === "a&b" && headers.cookie?.includes("pre=1") === true;
}

function sendBackup({ range }: IncomingHttpHeaders, reply: ServerResponse): void {
  const common = {
    "content-type": "application/octet-stream",
    "content-disposition": 'attachment; filename="backup.txt"',
    "accept-ranges": "bytes",
  };
  const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? "");
  if (match === null) {
    reply.writeHead(200, { ...common, "content-length": BACKUP.length }).end(BACKUP);
    return;
  }
  const [from, to] = [Number(match[1]), Number(match[2])];
  reply
    .writeHead(206, {
      ...common,
      "content-range": `bytes ${String(from)}-${String(to)}/${String(BACKUP.length)}`,
    })
    .end(BACKUP.subarray(from, to + 1));
}

export interface WebLabOptions {
  readonly rules: string;
  /** YAML of `web:` of the target, on one line. */
  readonly web?: string;
  /** YAML of the account, on one line. */
  readonly account?: string;
  /** YAML of further keys of `listen.web`, on one line: `, tls: {...}`. */
  readonly listen?: string;
  /** YAML of a further key of `listen`, on one line: `pages: {...}`. */
  readonly listener?: string;
  readonly policy?: string;
  /** The target listens here, instead of the console of this lab. */
  readonly targetPort?: number;
  /** Puts files into the folder of the lab before it starts. */
  readonly prepare?: (dir: string) => void;
}

export interface Told {
  readonly type: string;
  readonly subject: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A sidecar in front of a console, and a gateway that signs who comes. */
export interface WebLab {
  readonly dir: string;
  readonly sidecar: RunningSidecar;
  readonly console: Console;
  readonly port: number;
  events(type?: string): readonly Told[];
  /** As the gateway of this lab signs it. */
  assertion(person: string, more?: Readonly<Record<string, unknown>>): string;
  /** What a browser sends; `person` null: nothing says who it is. */
  ask(path: string, more?: AskOptions): Promise<Answer>;
  /** Bytes as they are; resolves with what came back when the connection ends. */
  raw(bytes: string): Promise<string>;
  api(method: string, path: string, body?: unknown): Promise<unknown>;
  totp(): string;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly person?: string | null;
  readonly cookies?: Map<string, string>;
}

const TOTP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

export async function startWebLab(options: WebLabOptions): Promise<WebLab> {
  const dir = mkdtempSync(join(tmpdir(), "chaperone-web-"));
  const target = await startConsole();
  const keys = generateKeyPairSync("ed25519");
  writeFileSync(join(dir, "gateway.pem"), keys.publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(join(dir, "rules.yaml"), options.rules);
  writeFileSync(join(dir, "password"), CONSOLE_PASSWORD);
  writeFileSync(join(dir, "totp"), TOTP);
  options.prepare?.(dir);
  const text = configOf(options, options.targetPort ?? target.port);
  const config = parseConfig({ text, file: join(dir, "chaperone.yaml"), host: thisHost() });
  if (!config.ok) throw new Error(JSON.stringify(config.error, null, 1));
  const level = process.env["WEB_LAB_LOG"] === undefined ? "silent" : "debug";
  const started = await startSidecar(config.value, { version: "0.0.0", env: {}, log: { level } });
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const sidecar = started.value;
  const port = sidecar.addresses.web?.port ?? 0;
  const file = join(dir, "events.ndjson");
  const lab: WebLab = {
    dir,
    sidecar,
    console: target,
    port,
    events: (type) => readEvents(file).filter((one) => type === undefined || one.type === type),
    assertion: (person, more) => signed(keys.privateKey, { sub: person, ...more }),
    ask: (path, more = {}) => ask(lab, path, more),
    raw: (bytes) => raw(port, bytes),
    api: (method, path, body) => api(lab, { method, path, body }),
    totp: () => totpNow(),
    async close() {
      await sidecar.stop("tests over", 0);
      await target.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return lab;
}

function configOf(options: WebLabOptions, port: number): string {
  const {
    web = "{}",
    account = "{ name: root, passthrough: true }",
    listen = "",
    listener,
  } = options;
  return `apiVersion: chaperone/v1
kind: Sidecar
site: lab
workers: 0
stateDir: ./var
listen:
  ssh: { address: 127.0.0.1, port: 0 }
  web: { address: 127.0.0.1, port: 0, identity: { assertion: { header: x-gateway-assertion, keys: ./gateway.pem, audience: chaperone } }${listen} }
${listener === undefined ? "" : `  ${listener}\n`}  admin: { port: 0, tokens: [ { name: ops, role: admin, file: ./admin.token } ] }
people: [ { name: alice, groups: [dba], password: { file: ./password }, totp: { file: ./totp } } ]
targets:
  - { name: wiki, protocol: web, address: "127.0.0.1:${port}", web: ${web}, accounts: [ ${account} ] }
  - { name: local, protocol: ssh, shell: { command: [/bin/sh], runAs: auto } }
rules: [ ./rules.yaml ]
${options.policy ?? ""}
events: { file: { path: ./events.ndjson }, sealed: false }
`;
}

function readEvents(file: string): readonly Told[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Told)
    .map((event) => ({ ...event, type: event.type.replace(/^io\.chaperone\.|\.v1$/g, "") }));
}

function signed(key: KeyObject, claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1_000) + 300;
  const body = `${part({ alg: "EdDSA", typ: "JWT" })}.${part({ aud: "chaperone", exp, ...claims })}`;
  return `${body}.${sign(null, Buffer.from(body), key).toString("base64url")}`;
}

const assertions = new WeakMap<WebLab, Map<string, string>>();

function assertionOf(lab: WebLab, person: string): string {
  const known = assertions.get(lab) ?? new Map<string, string>();
  assertions.set(lab, known);
  const assertion = known.get(person) ?? lab.assertion(person);
  known.set(person, assertion);
  return assertion;
}

function ask(lab: WebLab, path: string, more: AskOptions): Promise<Answer> {
  const { method = "GET", headers = {}, body, person = "alice", cookies } = more;
  const jar = [...(cookies ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        host: "127.0.0.1",
        port: lab.port,
        method,
        path,
        agent: false,
        headers: {
          accept: "text/html,*/*",
          ...(person === null ? {} : { "x-gateway-assertion": assertionOf(lab, person) }),
          ...(jar === "" ? {} : { cookie: jar }),
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (answer) => {
        const pieces: Buffer[] = [];
        answer.on("data", (piece: Buffer) => pieces.push(piece));
        answer.on("error", reject);
        answer.on("end", () => {
          for (const cookie of answer.headers["set-cookie"] ?? []) keep(cookies, cookie);
          const { statusCode = 0 } = answer;
          resolve({ status: statusCode, headers: answer.headers, body: Buffer.concat(pieces) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function keep(cookies: Map<string, string> | undefined, setCookie: string): void {
  const [pair = ""] = setCookie.split(";", 1);
  const [name = "", value = ""] = pair.split("=", 2);
  if (/max-age=0/i.test(setCookie)) cookies?.delete(name);
  else cookies?.set(name, value);
}

function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(bytes, "latin1")));
    socket.on("data", (piece) => pieces.push(piece));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(pieces).toString("latin1")));
  });
}

async function api(
  { dir, sidecar }: WebLab,
  {
    method,
    path,
    body,
  }: { readonly method: string; readonly path: string; readonly body: unknown },
): Promise<unknown> {
  const token = readFileSync(join(dir, "admin.token"), "utf8").trim();
  const port = sidecar.addresses.admin?.port ?? 0;
  const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${String(answer.status)} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

/** A code that was not used before: each is good once. */
let lastStep = 0;
function totpNow(): string {
  const now = Math.floor(Date.now() / 30_000);
  const step = Math.max(now - 1, lastStep + 1);
  lastStep = step;
  return totpAt(step);
}

function totpAt(step: number): string {
  const bits = TOTP.split("").map((one) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(one));
  const key = Buffer.from(
    (
      bits
        .map((bit) => bit.toString(2).padStart(5, "0"))
        .join("")
        .match(/.{8}/g) ?? []
    ).map((one) => parseInt(one, 2)),
  );
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

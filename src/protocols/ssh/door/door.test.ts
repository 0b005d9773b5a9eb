import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { newPrivateKey } from "../ssh-lab.testing.js";
import { answerHybrid, createHybridClient, HYBRID_SIZES } from "./hybrid-kex.js";
import { isUsableKey, provesKey } from "./keys.js";
import { loadPatched } from "./load.js";
import { SOURCE_PATCHES } from "./patches.js";
import { insideOf, nativeCryptoAvailable, sendPacket, ssh2, type Inside } from "./ssh2.js";
import { createTransport, type Transport } from "./transport.js";

const require = createRequire(import.meta.url);
const root = path.dirname(require.resolve("ssh2/package.json"));

describe("the door to ssh2", () => {
  it("knows exactly the version it was made for", () => {
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
      version: string;
    };
    expect(version).toBe("1.17.0");
  });

  it.each(SOURCE_PATCHES.map((patch) => [patch.name, patch] as const))(
    "finds the place of the patch: %s",
    (_name, patch) => {
      const source = readFileSync(path.join(root, patch.file), "utf8");
      expect(source.split(patch.find)).toHaveLength(2);
    },
  );

  it("leaves the library as it is for everybody else", () => {
    const theirs: unknown = require("ssh2");
    expect(theirs).not.toBe(ssh2);
    const { DEFAULT_KEX } = require(path.join(root, "lib/protocol/constants.js")) as {
      DEFAULT_KEX: string[];
    };
    expect(DEFAULT_KEX).not.toContain("mlkem768x25519-sha256");
  });

  it("can be loaded twice", () => {
    expect(loadPatched()("index")).toHaveProperty("Client");
  });

  it("says whether the native addon is there", () => {
    expect(typeof nativeCryptoAvailable).toBe("boolean");
  });
});

describe("the hybrid key exchange", () => {
  it("has the sizes of the standard on the wire and one secret on both sides", () => {
    const client = createHybridClient();
    expect(client.init).toHaveLength(1184 + 32);
    const { reply, secret } = answerHybrid(client.init);
    expect(reply).toHaveLength(1088 + 32);
    expect(secret).toHaveLength(32);
    expect(Buffer.from(client.secret(reply))).toEqual(Buffer.from(secret));
  });

  it("gives both sides different secrets when the ciphertext was changed", () => {
    const client = createHybridClient();
    const { reply, secret } = answerHybrid(client.init);
    const changed = Uint8Array.from(reply);
    changed[100] = (changed[100] ?? 0) ^ 1;
    expect(Buffer.from(client.secret(changed))).not.toEqual(Buffer.from(secret));
  });

  it.each([HYBRID_SIZES.clientPublic - 1, HYBRID_SIZES.clientPublic + 1, 0])(
    "refuses a client's message of %i bytes",
    (length) => {
      expect(() => answerHybrid(new Uint8Array(length))).toThrow();
    },
  );

  it("refuses an all-zero X25519 key", () => {
    const init = createHybridClient().init.slice();
    init.fill(0, HYBRID_SIZES.mlkemPublic);
    expect(() => answerHybrid(init)).toThrow();
  });

  it("refuses an ML-KEM key outside its field", () => {
    const init = createHybridClient().init.slice();
    init.fill(0xff, 0, 384);
    expect(() => answerHybrid(init)).toThrow();
  });
});

interface Wired {
  readonly client: Transport;
  readonly server: Transport;
  readonly atServer: Uint8Array[];
  readonly kex: readonly string[];
  readonly serverSigAlgs: string;
  readonly noDelay: boolean;
  readonly inside: Inside;
  rekeys(): number;
  close(): void;
}

/** Our client and our server, logged in, over loopback. */
async function wire(options: { rekeyBytes?: number; kex?: string[] } = {}): Promise<Wired> {
  const hostKey = newPrivateKey();
  const atServer: Uint8Array[] = [];
  let sigAlgs = "";
  let rekeys = 0;
  const serverSide = deferred<Transport>();
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on("authentication", (context) => context.accept());
    connection.on("error", () => undefined);
    connection.on("rekey", () => (rekeys += 1));
    connection.on("ready", () =>
      serverSide.resolve(
        createTransport(insideOf(connection), (payload) => atServer.push(new Uint8Array(payload))),
      ),
    );
  });
  const listener = createServer((socket) =>
    (server as unknown as { injectSocket(s: typeof socket): void }).injectSocket(socket),
  );
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const client = new ssh2.Client();
  client.on("error", () => undefined);
  const kex: string[] = [];
  client.on("handshake", (negotiated) => kex.push(negotiated.kex));
  const ready = new Promise<void>((resolve, reject) => {
    client.once("ready", () => resolve());
    client.once("close", () => reject(new Error("the connection closed before it was ready")));
  });
  client.connect({
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    host: "127.0.0.1",
    username: "x",
    password: "y",
    ...(options.kex === undefined ? {} : { algorithms: { kex: options.kex as never } }),
    debug: (message) => {
      const match = /Inbound: Received EXT_INFO/.exec(message);
      if (match !== null) sigAlgs = "received";
    },
  });
  const handlers = insideOf(client)._protocol as unknown as {
    _handlers: { EXT_INFO: (p: unknown, exts: { name: string; algs: string[] }[]) => void };
  };
  const original = handlers._handlers.EXT_INFO;
  handlers._handlers.EXT_INFO = (p, exts) => {
    sigAlgs = exts.find((ext) => ext.name === "server-sig-algs")?.algs.join(",") ?? "";
    original(p, exts);
  };
  await ready;
  const inside = insideOf(client);
  const transport = createTransport(inside, () => undefined, options);
  return {
    inside,
    client: transport,
    server: await serverSide.promise,
    atServer,
    kex,
    serverSigAlgs: sigAlgs,
    noDelay:
      (inside._sock as unknown as { [key: symbol]: unknown })[
        Object.getOwnPropertySymbols(inside._sock).find(
          (s) => String(s) === "Symbol(kSetNoDelay)",
        ) ?? Symbol("absent")
      ] === true,
    rekeys: () => rekeys,
    close() {
      client.end();
      listener.close();
    },
  };
}

describe("a transport", () => {
  it("prefers the hybrid key exchange between our own ends", async () => {
    const wired = await wire();
    expect(wired.kex).toEqual(["mlkem768x25519-sha256"]);
    expect(wired.client.keyExchange).toBe("mlkem768x25519-sha256");
    wired.close();
  });

  it("announces signature algorithms one by one, none of them with SHA-1", async () => {
    const wired = await wire();
    expect(wired.serverSigAlgs.split(",")).toEqual([
      "ssh-ed25519",
      "ecdsa-sha2-nistp256",
      "ecdsa-sha2-nistp384",
      "ecdsa-sha2-nistp521",
      "rsa-sha2-512",
      "rsa-sha2-256",
    ]);
    wired.close();
  });

  it("does not wait for more before it sends a key stroke", async () => {
    const wired = await wire();
    expect(wired.noDelay).toBe(true);
    wired.close();
  });

  it.each([["mlkem768x25519-sha256"], ["curve25519-sha256"]])(
    "renews its keys by itself after so many bytes and loses nothing (%s)",
    async (kex) => {
      const wired = await wire({ rekeyBytes: 200_000, kex: [kex] });
      const chunk = new Uint8Array(32_000);
      const count = 60;
      for (let i = 0; i < count; i += 1) {
        chunk.fill(i);
        wired.client.sendData(7, chunk, "stdout");
        if (i % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      while (wired.atServer.length < count) await new Promise((r) => setTimeout(r, 5));
      expect(wired.atServer.map((payload) => payload[9])).toEqual(
        Array.from({ length: count }, (_, i) => i),
      );
      expect(wired.rekeys()).toBeGreaterThanOrEqual(2);
      wired.close();
    },
  );
});

describe("a renewal of keys", () => {
  it.each([
    ["IGNORE", [2, 0, 0, 0, 0]],
    ["UNIMPLEMENTED", [3, 0, 0, 0, 0]],
    ["DEBUG", [4, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["the end of what was being sent", [94, 0, 0, 0, 7, 0, 0, 0, 1, 9]],
  ])("takes %s between its messages, though the first exchange was strict", async (_, message) => {
    const wired = await wire();
    const protocol = wired.inside._protocol;
    protocol.rekey();
    const writer = protocol._packetRW.write;
    const packet = writer.alloc(message.length, true);
    packet.set(message, writer.allocStartKEX);
    sendPacket(protocol, writer.finalize(packet, true), true);
    wired.client.sendData(7, Uint8Array.of(1, 2, 3), "stdout");
    const over = new Promise((resolve) => wired.inside._sock.once("close", resolve));
    const expected = [...(message[0] === 94 ? [[9]] : []), [1, 2, 3]];
    while (wired.atServer.length < expected.length)
      await Promise.race([new Promise((soon) => setTimeout(soon, 5)), over.then(refused)]);
    expect(wired.atServer.map((payload) => [...payload.subarray(9)])).toEqual(expected);
    expect(wired.rekeys()).toBe(1);
    wired.close();
  });
});

describe("a key offered at login", () => {
  const blob = (algorithm: string) =>
    Buffer.concat([
      Buffer.from([0, 0, 0, algorithm.length]),
      Buffer.from(algorithm),
      Buffer.from([0, 0, 0, 32]),
      Buffer.alloc(32, 9),
    ]);

  it.each([
    ["ssh-ed25519", true],
    ["ssh-ed25519-cert-v01@openssh.com", false],
    ["sk-ssh-ed25519@openssh.com", false],
    ["ssh-dss", false],
    ["ssh-rsa", false],
    ["rsa-sha2-512", false],
  ])("of the kind %s may be used: %s", (algorithm, usable) => {
    expect(isUsableKey(algorithm, blob("ssh-ed25519"))).toBe(usable);
  });

  it("proves nothing by a wrong signature", () => {
    const proof = { algorithm: "ssh-ed25519", blob: blob("ssh-ed25519") };
    for (const signature of [new Uint8Array(64), new Uint8Array(0), new Uint8Array(65)]) {
      expect(provesKey({ ...proof, signedData: new Uint8Array(10), signature })).toBe(false);
    }
  });
});

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((given) => (resolve = given));
  return { promise, resolve };
}

function refused(): never {
  throw new Error("the connection was closed");
}

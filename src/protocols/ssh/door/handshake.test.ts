import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { newPrivateKey, until } from "../ssh-lab.testing.js";
import { loginToTarget } from "./client.js";
import { createSshServerDoor, HOST_KEY_ALGORITHMS } from "./server.js";
import { ssh2 } from "./ssh2.js";

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const act of cleanUps.splice(0)) act();
});

/** Accepts on loopback; answers a function that connects to it. */
async function listen(accepted: (socket: Socket) => void): Promise<() => Promise<Socket>> {
  const listener = createServer((socket) => {
    socket.on("error", () => undefined);
    cleanUps.push(() => socket.destroy());
    accepted(socket);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  cleanUps.push(() => listener.close());
  return async () => {
    const socket = connect((listener.address() as AddressInfo).port, "127.0.0.1");
    socket.on("error", () => undefined);
    cleanUps.push(() => socket.destroy());
    await once(socket, "connect");
    return socket;
  };
}

function newKey(type: "ed25519" | "ecdsa" | "rsa"): string {
  if (type === "rsa") {
    const privateKeyEncoding = { type: "pkcs1", format: "pem" } as const;
    const publicKeyEncoding = { type: "pkcs1", format: "pem" } as const;
    const options = { modulusLength: 2048, privateKeyEncoding, publicKeyEncoding };
    return generateKeyPairSync("rsa", options).privateKey;
  }
  return newPrivateKey(type);
}

describe("a client's first line", () => {
  it("is whole however it is cut, and whatever others send between its pieces", async () => {
    const versions: string[] = [];
    const door = createSshServerDoor({
      hostKeys: [newKey("ed25519")],
      ident: "Chaperone_test",
      greeted: (greeting) => {
        versions.push(greeting.clientVersion);
        greeting.onClose(() => undefined);
      },
    });
    let read = 0;
    const dial = await listen((socket) => {
      socket.on("data", (chunk: Buffer) => (read += chunk.length));
      door.inject(socket);
    });
    const slow = await dial();
    const line = "SSH-2.0-Slow_1.0\r\n";
    let sent = 0;
    for (const letter of line) {
      const other = await dial();
      slow.write(letter);
      sent += 1;
      await until("the letter", () => read >= sent);
      const between = `SSH-2.0-${"x".repeat(40)}\r\n`;
      other.write(between);
      sent += between.length;
      await until("what came between", () => read >= sent);
      other.destroy();
    }
    await until("the greeting", () => versions.includes("Slow_1.0"));
  });
});

describe("a key of an account", () => {
  /** What the target is asked: "would this key do?", or for good. */
  async function asked(type: "ed25519" | "ecdsa" | "rsa"): Promise<readonly string[]> {
    const questions: string[] = [];
    const server = new ssh2.Server({ hostKeys: [newKey("ed25519")] }, (connection) => {
      connection.on("error", () => undefined);
      connection.on("authentication", (context) => {
        const proof = (context as { signature?: Buffer }).signature; // of the method publickey
        questions.push(`${context.method} ${proof === undefined ? "asked" : "proved"}`);
        context.accept();
      });
    });
    const dial = await listen((socket) =>
      (server as unknown as { injectSocket(s: Socket): void }).injectSocket(socket),
    ); // untyped method
    const socket = await dial();
    const ready = await new Promise<boolean>((resolve) => {
      loginToTarget(
        {
          socket,
          account: "root",
          credential: { type: "key", privateKey: Buffer.from(newKey(type)) },
          hostKeyAlgorithms: HOST_KEY_ALGORITHMS,
          timeoutMs: 15_000,
          ident: "Chaperone_test",
          judgeHostKey: () => true,
        },
        { ready: () => resolve(true), closed: () => resolve(false) },
      );
    });
    expect(ready).toBe(true);
    return questions;
  }

  it.each(["ed25519", "ecdsa"] as const)("of the kind %s is proved at once", async (type) => {
    expect(await asked(type)).toEqual(["publickey proved"]);
  });

  it("of RSA is asked about first: its signature is dear", async () => {
    expect(await asked("rsa")).toEqual(["publickey asked", "publickey proved"]);
  });
});

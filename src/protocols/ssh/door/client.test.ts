import { connect, createServer } from "node:net";
import type { AuthContext, ServerConfig } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listen, newPrivateKey } from "../ssh-lab.testing.js";
import { loginToTarget, type TargetLogin } from "./client.js";
import { ssh2 } from "./ssh2.js";

let key: string;
beforeAll(() => {
  key = newPrivateKey();
});

const PASSWORD = { type: "password", password: Buffer.from("the old one") } as const;

describe("a target that does not let the account in", () => {
  it("is quoted with what it takes", async () => {
    const said = await refusedBy((context) => context.reject(["hostbased", "publickey"]));
    expect(said).toBe(
      "the target does not accept the password of this account (it takes: hostbased, publickey)",
    );
  });

  it("because it wants a second proof is told from one that does not know the key", async () => {
    const said = await refusedBy(
      (context) => context.reject(["keyboard-interactive"], context.method === "publickey"),
      { credential: { type: "key", privateKey: Buffer.from(key) } },
    );
    expect(said).toContain("the key is right, but the target asks for more than one proof");
    expect(said).toContain("keyboard-interactive");
  });

  it("because the password has expired is quoted, and the old password is never its new one", async () => {
    const answers: string[][] = [];
    const said = await refusedBy((context) => {
      if (context.method !== "keyboard-interactive") {
        context.reject(["keyboard-interactive"]);
        return;
      }
      const ask = (instructions: string, prompt: string, then: () => void): void =>
        context.prompt([{ prompt, echo: false }], "", instructions, (given) => {
          answers.push(given);
          then();
        });
      ask("", "Password: ", () =>
        ask("Your password\u001b[2J has expired.", "New password: ", () =>
          context.reject(["keyboard-interactive"]),
        ),
      );
    });
    expect(answers).toEqual([["the old one"], [""]]);
    expect(said).toBe(
      'the target asks for more than the password of this account: "Your password?[2J has expired. New password:"',
    );
  });

  it("because it is too old is quoted with what it speaks", async () => {
    const said = await refusedBy((context) => context.reject(), {
      algorithms: { kex: ["diffie-hellman-group14-sha1"] },
    });
    expect(said).toContain("no matching key exchange algorithm");
    expect(said).toContain("diffie-hellman-group14-sha1");
  });
});

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** Why the login fails at a server that does this with every attempt. */
async function refusedBy(
  decide: (context: AuthContext) => void,
  options: {
    readonly credential?: TargetLogin["credential"];
    readonly algorithms?: ServerConfig["algorithms"];
  } = {},
): Promise<string> {
  const { algorithms, credential = PASSWORD } = options;
  const config = { hostKeys: [key], ...(algorithms === undefined ? {} : { algorithms }) };
  const server = new ssh2.Server(config, (connection) => {
    connection.on("error", () => undefined);
    connection.on("authentication", decide);
  });
  const listener = createServer((socket) => server.injectSocket(socket));
  closing.push(() => listener.close());
  const socket = connect(await listen(listener), "127.0.0.1");
  return new Promise((closed, failed) => {
    loginToTarget(
      {
        socket,
        account: "root",
        credential,
        hostKeyAlgorithms: [],
        timeoutMs: 15_000,
        ident: "Chaperone_test",
        judgeHostKey: () => true,
      },
      { ready: () => failed(new Error("logged in")), closed },
    );
  });
}

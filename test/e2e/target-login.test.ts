// How the sidecar gets to a target: which host keys it believes, which credentials it can use, and what
// it says when it does not get there.
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { freePort } from "./lab/free-port.js";
import { startLab, type Lab } from "./lab/lab.js";
import { startOtherSshd, type KeyType, type OtherSshd } from "./lab/other-sshd.js";
import { run, succeeded, type Finished } from "./lab/program.js";
import { fingerprintOf, makeKey, sshdThere } from "./lab/sshd.js";

describe.skipIf(!sshdThere)("the way to a target (needs sshd)", () => {
  let lab: Lab;
  const sshds: OtherSshd[] = [];
  const listeners: Server[] = [];
  let rows: object[] = [];

  const publicKey = (file: string): string =>
    readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
  function targetAt(name: string, port: number, more: object): object {
    const accounts = [{ name: lab.sshd.account, key: { file: lab.sshd.keyFile } }];
    return { name, protocol: "ssh", address: `127.0.0.1:${port}`, accounts, ...more };
  }

  beforeAll(async () => {
    lab = await startLab({ start: false });
    const config = [
      "UsePAM no",
      "PermitRootLogin yes",
      `AuthorizedKeysFile ${lab.sshd.keyFile}.pub ${join(lab.folder, "locked_key.pub")}`,
    ];
    const keys: readonly KeyType[] = ["ed25519", "ecdsa", "rsa"];
    for (const name of ["one", "two"]) {
      sshds.push(await startOtherSshd(join(lab.folder, name), { hostKeys: keys, config }));
    }
    const [one, two] = sshds;
    if (one === undefined || two === undefined) throw new Error("two servers were started");
    const passphrase = "words that open the key";
    const locked = join(lab.folder, "locked_key");
    await makeKey(locked, "ed25519");
    succeeded(
      "ssh-keygen",
      await run("ssh-keygen", ["-q", "-p", "-P", "", "-N", passphrase, "-f", locked]),
    );

    /** A known_hosts file with these lines for the first server. */
    const knownHosts = async (name: string, lines: readonly string[], hashed: boolean) => {
      const file = join(lab.folder, `known_${name}`);
      writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
      if (hashed) succeeded("ssh-keygen", await run("ssh-keygen", ["-q", "-H", "-f", file]));
      return { hostKey: { knownHosts: file } };
    };
    const host = `[127.0.0.1]:${one.port}`;
    const key = (type: KeyType): string => publicKey(one.hostKey(type));
    const pinned = async (type: KeyType) => ({
      hostKey: { sha256: `SHA256:${await fingerprintOf(one.hostKey(type))}` },
    });
    const [silent, wrong] = [await listening(false), await listening(true)];
    rows = [
      targetAt("pinned-ed25519", one.port, await pinned("ed25519")),
      targetAt("pinned-rsa", one.port, await pinned("rsa")),
      targetAt("hashed", one.port, await knownHosts("hashed", [`${host} ${key("ed25519")}`], true)),
      targetAt("only-rsa", one.port, await knownHosts("rsa", [`${host} ${key("rsa")}`], false)),
      targetAt(
        "only-ecdsa",
        one.port,
        await knownHosts("ecdsa", [`${host} ${key("ecdsa")}`], false),
      ),
      targetAt(
        "revoked",
        one.port,
        await knownHosts(
          "revoked",
          [`${host} ${key("ed25519")}`, `@revoked * ${key("ed25519")}`],
          false,
        ),
      ),
      targetAt(
        "changed",
        one.port,
        await knownHosts("changed", [`${host} ${publicKey(two.hostKey("ed25519"))}`], false),
      ),
      targetAt("stranger", two.port, await knownHosts("none", [`${host} ${key("rsa")}`], false)),
      targetAt("passphrase", one.port, {
        ...(await pinned("ed25519")),
        accounts: [
          {
            name: lab.sshd.account,
            key: { file: locked },
            passphrase: { value: passphrase },
          },
        ],
      }),
      targetAt("wrong-passphrase", one.port, {
        ...(await pinned("ed25519")),
        accounts: [
          { name: lab.sshd.account, key: { file: locked }, passphrase: { value: "not these" } },
        ],
      }),
      targetAt("down", await freePort(), await pinned("ed25519")),
      targetAt("silent", silent, { ...(await pinned("ed25519")), connectTimeout: "1s" }),
      targetAt("web-server", wrong, { ...(await pinned("ed25519")), connectTimeout: "5s" }),
      targetAt("first", one.port, { hostKey: { trust: "first-use" } }),
    ];
    lab.writeConfig({ targets: rows, workers: 2 });
    await lab.restart();
  });
  afterAll(async () => {
    await lab.end();
    for (const sshd of sshds) await sshd.stop();
    for (const listener of listeners) listener.close();
  });

  /** Something that listens where a target should: silent, or a server of another protocol. */
  async function listening(speaks: boolean): Promise<number> {
    const port = await freePort();
    const listener = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.resume();
      if (speaks) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    });
    listeners.push(listener);
    await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
    return port;
  }

  const to = (target: string): Promise<Finished> =>
    lab.ssh("via", ["echo reached"], {
      options: ["-o", `User=alice+${lab.sshd.account}@${target}`],
    });

  it.each(["pinned-ed25519", "hashed", "only-rsa", "only-ecdsa", "passphrase", "first"])(
    "%s: is reached",
    async (target) => {
      const finished = await to(target);
      expect(finished.stderr).toBe("");
      expect(finished.stdout.toString()).toBe("reached\n");
    },
  );

  it.each([
    // Its ed25519 key comes first, and a fingerprint does not tell that another one is meant.
    { target: "pinned-rsa", code: "CHP_RUNTIME_HOST_KEY", says: /ssh-ed25519.*several/ },
    { target: "revoked", code: "CHP_RUNTIME_HOST_KEY", says: /revoked/ },
    { target: "changed", code: "CHP_RUNTIME_HOST_KEY", says: /changed.*known_changed/ },
    { target: "stranger", code: "CHP_RUNTIME_HOST_KEY", says: /known_none has no key/ },
    { target: "wrong-passphrase", code: "CHP_SSH_TARGET_LOGIN", says: /key|passphrase/i },
    { target: "down", code: "CHP_SSH_TARGET_UNREACHABLE", says: /refused/i },
    { target: "silent", code: "CHP_SSH_TARGET_LOGIN", says: /time/i },
    { target: "web-server", code: "CHP_SSH_TARGET_LOGIN", says: /web-server/ },
  ])("$target: nothing runs, the person is told why and so are the events", async (row) => {
    const finished = await to(row.target);
    expect(finished.code).toBe(255);
    expect(finished.stdout.toString()).toBe("");
    expect(finished.stderr).toContain(row.code);
    expect(finished.stderr).toMatch(row.says);
    const told = await lab.sidecar.told(
      "session.failed",
      ({ session }) => session?.target === row.target,
    );
    expect(told.data.reason).toContain(row.code);
    await lab.sidecar.told("session.closed", ({ session }) => session?.target === row.target);
  });

  it("the key of the first use is believed in every worker and after a restart; another one never", async () => {
    const [, two] = sshds;
    // Two connections at once go to two workers.
    for (const one of await Promise.all([to("first"), to("first")])) expect(one.code).toBe(0);
    await lab.restart();
    expect((await to("first")).code).toBe(0);
    lab.writeConfig({
      targets: [
        ...rows.slice(0, -1),
        targetAt("first", two?.port ?? 0, { hostKey: { trust: "first-use" } }),
      ],
    });
    await lab.restart();
    const finished = await to("first");
    expect(finished.code).toBe(255);
    expect(finished.stderr).toContain("CHP_RUNTIME_HOST_KEY_CHANGED");
    expect(finished.stderr).toContain("first shows another key");
    expect(finished.stdout.toString()).toBe("");
    await lab.sidecar.told("session.failed", ({ reason }) =>
      (reason ?? "").startsWith("CHP_RUNTIME_HOST_KEY_CHANGED"),
    );
  });
});

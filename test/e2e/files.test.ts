// Files by the programs that people move them with: judged before they move, told when they have.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { EventFields } from "./lab/events.js";
import { startLab, type Lab } from "./lab/lab.js";
import { programThere, run, type Finished } from "./lab/program.js";
import { sshdThere } from "./lab/sshd.js";

const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: files, version: 1.0.0 }
rules:
  - id: no-vault
    name: Nothing goes into the vault
    match: { transfer: { direction: upload, path: "**/vault/**" } }
    action: block
    message: The vault takes no files.
  - id: no-secrets
    name: Secrets stay where they are
    match: { transfer: { direction: download, path: "**/secret*" } }
    action: block
    message: Secrets are not taken away.
  - id: no-keys
    name: No private keys
    match: { transfer: { type: key } }
    action: block
    message: Private keys do not travel.
  - id: no-miners
    name: No miners
    match: { transfer: { direction: upload, content: "stratum+tcp://" } }
    action: block
    message: This looks like a miner.
  - id: not-too-large
    name: Small files only
    match: { transfer: { direction: upload, path: "**/inbox/**", size: "> 1MB" } }
    action: block
    message: The inbox takes small files.
  - id: no-tree-removal
    name: Trees are not removed
    match: { command: { exec: rm, flags: { all: [recursive, force] } } }
    action: block
    message: Removing whole trees is not permitted here.
`;

const KEY =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEga2V5\n-----END OPENSSH PRIVATE KEY-----\n";
const TOLD = ["file.transferred", "file.changed"];

interface FileFields extends EventFields {
  readonly path?: string;
  readonly direction?: string;
  readonly sha256?: string;
  readonly realPath?: string;
}

describe.skipIf(!sshdThere)("files (needs sshd)", () => {
  let lab: Lab;
  let here: string;
  let there: string;

  beforeAll(async () => {
    lab = await startLab({ rules: RULES });
    here = join(lab.folder, "here");
    there = lab.inHome("there");
    for (const folder of [here, there, join(there, "vault"), join(there, "inbox")])
      mkdirSync(folder);
    symlinkSync(join(there, "vault"), join(there, "open"));
    writeFileSync(join(here, "small"), "a small file\n");
    writeFileSync(join(here, "key.txt"), KEY);
    writeFileSync(join(here, "miner"), `${"# nothing\n".repeat(500)}pool=stratum+tcp://x\n`);
    writeFileSync(join(here, "large"), Buffer.alloc(3_000_000, 7));
    writeFileSync(join(there, "secret-1"), "not for you\n");
    writeFileSync(join(there, "public"), "for everybody\n");
    writeFileSync(join(there, "id"), KEY);
  });
  afterAll(() => lab.end());

  const sftp = (batch: string): Promise<Finished> =>
    run("sftp", [...lab.sshArgs("via"), "-q", "-b", "-", "via"], { stdin: batch });

  const told = async (type: string, name: string, outcome: string): Promise<FileFields> => {
    const event = await lab.sidecar.told(type, (data: FileFields) => {
      return data.outcome === outcome && basename(data.path ?? "") === name;
    });
    return event.data;
  };

  /** One client, one file. */
  const ways: readonly {
    readonly way: string;
    readonly via: string;
    readonly put: (from: string, to: string) => Promise<Finished>;
    readonly get: (from: string, to: string) => Promise<Finished>;
  }[] = [
    {
      way: "sftp",
      via: "sftp",
      put: (from, to) => sftp(`put ${from} ${to}\n`),
      get: (from, to) => sftp(`get ${from} ${to}\n`),
    },
    {
      way: "scp",
      via: "sftp",
      put: (from, to) => run("scp", [...lab.sshArgs("via"), from, `via:${to}`]),
      get: (from, to) => run("scp", [...lab.sshArgs("via"), `via:${from}`, to]),
    },
    {
      way: "scp -O",
      via: "scp",
      put: (from, to) => run("scp", ["-O", ...lab.sshArgs("via"), from, `via:${to}`]),
      get: (from, to) => run("scp", ["-O", ...lab.sshArgs("via"), `via:${from}`, to]),
    },
  ];

  describe.each(ways)("by $way", ({ way, via, put, get }) => {
    const tag = way.replace(/\W+/g, "");

    it("pass both ways and are told with their hash", async () => {
      const name = `small-${tag}`;
      const up = await put(join(here, "small"), join(there, name));
      expect(up.stderr).toBe("");
      expect(up.code).toBe(0);
      const sent = await told("file.transferred", name, "passed");
      const sha256 = createHash("sha256").update("a small file\n").digest("hex");
      expect(sent).toMatchObject({ direction: "upload", bytes: 13, sha256, via });

      const down = await get(join(there, name), join(here, `back-${tag}`));
      expect(down.code).toBe(0);
      expect(readFileSync(join(here, `back-${tag}`), "utf8")).toBe("a small file\n");
      await lab.sidecar.told(
        "file.transferred",
        (data: FileFields) => data.direction === "download" && basename(data.path ?? "") === name,
      );
    });

    it("into a guarded folder never reach the target, and the person hears why", async () => {
      const name = `refused-${tag}`;
      const finished = await put(join(here, "small"), join(there, "vault", name));
      expect(finished.code).not.toBe(0);
      expect(`${finished.stdout.toString()}${finished.stderr}`).toMatch(
        way === "sftp" || way === "scp" ? /permission denied/i : /vault takes no files/,
      );
      expect(existsSync(join(there, "vault", name))).toBe(false);
    });

    it("that are guarded stay on the target", async () => {
      const to = join(here, `stolen-${tag}`);
      const finished = await get(join(there, "secret-1"), to);
      expect(finished.code).not.toBe(0);
      expect(existsSync(to) && readFileSync(to, "utf8") !== "").toBe(false);
    });

    it("are judged by what they are", async () => {
      const up = await put(join(here, "key.txt"), join(there, `key-${tag}`));
      expect(up.code).not.toBe(0);
      const arrived = join(there, `key-${tag}`);
      expect(existsSync(arrived) && readFileSync(arrived, "utf8") !== "").toBe(false);
      const to = join(here, `id-${tag}`);
      const down = await get(join(there, "id"), to);
      expect(down.code).not.toBe(0);
      expect(existsSync(to) && readFileSync(to, "utf8") !== "").toBe(false);
    });

    it("are judged by what stands in them", async () => {
      const finished = await put(join(here, "miner"), join(there, `miner-${tag}`));
      expect(finished.code).not.toBe(0);
      const arrived = join(there, `miner-${tag}`);
      expect(existsSync(arrived) && readFileSync(arrived, "utf8").includes("stratum")).toBe(false);
      await told("file.transferred", `miner-${tag}`, "blocked");
    });

    it("are stopped when they grow too large", async () => {
      const finished = await put(join(here, "large"), join(there, "inbox", `large-${tag}`));
      expect(finished.code).not.toBe(0);
      await told("file.transferred", `large-${tag}`, "blocked");
    });
  });

  it("refused in a batch leave the rest of the batch alone", async () => {
    const finished = await sftp(
      `-put ${join(here, "small")} ${join(there, "vault", "one")}\nput ${join(here, "small")} ${join(there, "two")}\n`,
    );
    expect(finished.code).toBe(0);
    expect(existsSync(join(there, "vault", "one"))).toBe(false);
    expect(readFileSync(join(there, "two"), "utf8")).toBe("a small file\n");
  });

  it("that lead to a guarded folder by a link are found out", async () => {
    const finished = await sftp(`put ${join(here, "small")} ${join(there, "open", "linked")}\n`);
    expect(finished.code).not.toBe(0);
    expect(existsSync(join(there, "vault", "linked"))).toBe(false);
    const event = await told("file.transferred", "linked", "blocked");
    expect(event.realPath).toBe(join(there, "vault", "linked"));
  });

  it.each([
    ["renamed into", (t: string) => `put small ${t}/a\nrename ${t}/a ${t}/vault/a\n`],
    ["linked out of", (t: string) => `symlink ${t}/vault ${t}/way\n`],
    ["made in", (t: string) => `mkdir ${t}/vault/folder\n`],
  ])("are not %s a guarded folder", async (_how, batch) => {
    const finished = await run("sftp", [...lab.sshArgs("via"), "-q", "-b", "-", "via"], {
      cwd: here,
      stdin: batch(there),
    });
    expect(finished.code).not.toBe(0);
    expect(finished.stderr + finished.stdout.toString()).toMatch(/permission denied/i);
  });

  it("whose names begin where the account begins are the same files", async () => {
    const up = "../".repeat(12);
    const finished = await sftp(
      `put ${join(here, "small")} ${up}${join(there, "vault", "climbed").slice(1)}\n`,
    );
    expect(finished.code).not.toBe(0);
    expect(existsSync(join(there, "vault", "climbed"))).toBe(false);
  });

  it("that are folders keep their rules inside", async () => {
    const tree = join(here, "tree");
    mkdirSync(join(tree, "vault"), { recursive: true });
    writeFileSync(join(tree, "plain"), "plain\n");
    writeFileSync(join(tree, "vault", "inner"), "inner\n");
    for (const [mode, to] of [
      ["-O", "tree-old"],
      ["-s", "tree-new"],
    ] as const) {
      const finished = await run("scp", [
        mode,
        "-r",
        ...lab.sshArgs("via"),
        tree,
        `via:${there}/${to}`,
      ]);
      expect(finished.code).not.toBe(0);
      expect(readFileSync(join(there, to, "plain"), "utf8")).toBe("plain\n");
      expect(existsSync(join(there, to, "vault", "inner"))).toBe(false);
    }
  });

  it.skipIf(!programThere("rsync"))("by rsync are judged by the words of its far end", async () => {
    const rsync = (to: string): Promise<Finished> =>
      run("rsync", ["-e", `ssh ${lab.sshArgs("via").join(" ")}`, join(here, "small"), `via:${to}`]);
    expect((await rsync(join(there, "synced"))).code).toBe(0);
    expect(readFileSync(join(there, "synced"), "utf8")).toBe("a small file\n");
    expect((await rsync(join(there, "vault", "synced"))).code).not.toBe(0);
    expect(existsSync(join(there, "vault", "synced"))).toBe(false);
  });

  it("that were uploaded are judged by their text when they are run", async () => {
    const control = join(lab.folder, "c");
    const shared = [
      "-o",
      "ControlMaster=auto",
      "-o",
      `ControlPath=${control}`,
      "-o",
      "ControlPersist=60",
    ];
    const victim = join(there, "victim");
    mkdirSync(victim);
    writeFileSync(join(here, "job.sh"), `#!/bin/sh\nrm -rf ${victim}\n`);
    writeFileSync(join(here, "job2.sh"), "#!/bin/sh\necho done\n");
    for (const job of ["job.sh", "job2.sh"]) {
      const up = await run("scp", [
        ...lab.sshArgs("via"),
        ...shared,
        join(here, job),
        `via:${there}/${job}`,
      ]);
      expect(up.stderr).toBe("");
      expect(up.code).toBe(0);
    }
    const harmless = await lab.ssh("via", [`sh ${there}/job2.sh`], { options: shared });
    expect(harmless.stdout.toString()).toBe("done\n");
    for (const line of [
      `sh ${there}/job.sh`,
      `cp ${there}/job.sh ${there}/other; chmod +x ${there}/other; ${there}/other`,
      `cd ${there} && . ./job.sh`,
      `bash < ${there}/job.sh`,
    ]) {
      const finished = await lab.ssh("via", [line], { options: shared });
      expect(finished.code).toBe(126);
      expect(finished.stderr).toContain("Removing whole trees");
    }
    expect(existsSync(victim)).toBe(true);
    await run("ssh", [...lab.sshArgs("via"), ...shared, "-O", "exit", "via"]);
  });

  it("are told in whole sequences", async () => {
    await lab.sidecar.told("file.changed");
    const types = new Set(lab.sidecar.events().map(({ type }) => type));
    for (const type of TOLD) expect(types).toContain(`io.chaperone.${type}.v1`);
  });
});

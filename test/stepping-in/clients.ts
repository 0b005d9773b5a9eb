import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";

import type { Lab, LabPerson } from "../e2e/lab/lab.js";
import { run, succeeded } from "../e2e/lab/program.js";

/** A program that people and tools use over ssh, moving something that can be looked at afterwards. */
export interface Client {
  readonly name: string;
  /** Ready to run: `args` start it, `arrived` says what has come through by now (null: nothing). */
  prepare(lab: Lab, row: Row): Promise<Prepared>;
}

export interface Row {
  readonly person: LabPerson;
  /** Unique, and in the name of everything that this row touches: rules look at it. */
  readonly mark: string;
}

export interface Prepared {
  readonly program: string;
  readonly args: readonly string[];
  readonly stdin?: Buffer;
  readonly arrived: () => Buffer | null;
  readonly expected: Buffer;
  /** Exit code after a refusal; absent: any but 0. */
  readonly refusedCode?: number;
  /** False: this client shows no text of the server. */
  readonly shows: boolean;
}

const PAYLOAD = Buffer.alloc(300_000, "what the person sends, line after line\n");

/** The ssh of this person, as the tools that start it themselves want it. */
function sshOf(lab: Lab, person: LabPerson): string {
  return ["ssh", ...lab.sshArgs("via", person)].join(" ");
}

function content(file: string): Buffer | null {
  return existsSync(file) ? readFileSync(file) : null;
}

function source(lab: Lab, mark: string): string {
  const file = join(lab.folder, `source-${mark}`);
  writeFileSync(file, PAYLOAD);
  return file;
}

const exec: Client = {
  name: "an exec with a pipe",
  prepare(lab, { person, mark }) {
    const file = lab.inHome(`teed-${mark}`);
    return Promise.resolve({
      program: "ssh",
      args: [...lab.sshArgs("via", person), "via", `tee ${file} > /dev/null`],
      stdin: PAYLOAD,
      arrived: () => content(file),
      expected: PAYLOAD,
      refusedCode: 126,
      shows: true,
    });
  },
};

const scp: Client = {
  name: "scp over exec",
  prepare(lab, { person, mark }) {
    const file = lab.inHome(`copied-${mark}`);
    const from = source(lab, mark);
    return Promise.resolve({
      program: "scp",
      args: ["-O", ...lab.sshArgs("via", person), from, `via:${file}`],
      arrived: () => content(file),
      expected: PAYLOAD,
      shows: true,
    });
  },
};

const sftp: Client = {
  name: "sftp",
  prepare(lab, { person, mark }) {
    const file = lab.inHome(`put-${mark}`);
    const from = source(lab, mark);
    return Promise.resolve({
      program: "sftp",
      args: ["-b", "-", ...lab.sshArgs("via", person), "via"],
      stdin: Buffer.from(`put ${from} ${file}\n`),
      arrived: () => content(file),
      expected: PAYLOAD,
      shows: true,
    });
  },
};

const rsync: Client = {
  name: "rsync",
  prepare(lab, { person, mark }) {
    const file = lab.inHome(`synced-${mark}`);
    const from = source(lab, mark);
    return Promise.resolve({
      program: "rsync",
      args: ["-e", sshOf(lab, person), from, `via:${file}`],
      arrived: () => content(file),
      expected: PAYLOAD,
      shows: true,
    });
  },
};

const git: Client = {
  name: "git clone",
  async prepare(lab, { person, mark }) {
    const bare = lab.inHome(`repo-${mark}.git`);
    const work = join(lab.folder, `work-${mark}`);
    const clone = join(lab.folder, `clone-${mark}`);
    mkdirSync(work);
    writeFileSync(join(work, "file"), PAYLOAD);
    const identity = ["-c", "user.name=lab", "-c", "user.email=lab@example.org"];
    for (const args of [
      ["init", "-q", "-b", "main"],
      ["add", "file"],
      [...identity, "commit", "-q", "-m", "first"],
      ["clone", "-q", "--bare", ".", bare],
    ]) {
      succeeded("git", await run("git", args, { cwd: work }));
    }
    return {
      program: "git",
      args: [
        ...["-c", `core.sshCommand=${sshOf(lab, person)}`],
        ...["clone", "-q", `ssh://via${bare}`, clone],
      ],
      arrived: () => content(join(clone, "file")),
      expected: PAYLOAD,
      shows: true,
    };
  },
};

const forward: Client = {
  name: "a forwarded connection",
  prepare(lab, { person }) {
    // The target's own sshd greets whoever connects: that greeting is what comes through.
    const received: Buffer[] = [];
    return Promise.resolve({
      program: "ssh",
      args: [...lab.sshArgs("via", person), ...["-W", `127.0.0.1:${lab.sshd.port}`, "via"]],
      arrived: () => (received.length === 0 ? null : Buffer.concat(received)),
      expected: Buffer.from("SSH-2.0-"),
      refusedCode: 255,
      shows: false,
    });
  },
};

export const CLIENTS: readonly Client[] = [exec, scp, sftp, rsync, git, forward];

/** Runs; `outcome` settles when it has ended, with everything that it printed. */
export function launch(prepared: Prepared): {
  readonly hangUp: () => void;
  readonly outcome: Promise<{
    readonly code: number | null;
    readonly said: string;
    readonly out: Buffer;
  }>;
} {
  // A group of its own: tools start ssh themselves, and who hangs up takes it along.
  const child = spawn(prepared.program, prepared.args, {
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const said: Buffer[] = [];
  const out: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stdin.on("error", () => undefined);
  if (prepared.stdin === undefined) child.stdin.end();
  else child.stdin.end(prepared.stdin);
  const outcome = new Promise<{ code: number | null; said: string; out: Buffer }>((resolve) => {
    child.on("close", (code) =>
      resolve({ code, said: Buffer.concat(said).toString(), out: Buffer.concat(out) }),
    );
  });
  const hangUp = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  };
  return { hangUp, outcome };
}

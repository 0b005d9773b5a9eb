// A real guacd in front of a real VNC server that shows a terminal.
//
// CHAPERONE_GUACD is how guacd is started (`/usr/sbin/guacd`, or `chroot DIR /usr/sbin/guacd`: Debian 12 has
// no package of it, and `scripts/test --long` puts that of Debian 11 into a folder of its own).
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TARGET_PASSWORD } from "../../src/app/desktop-lab.testing.js";
import { freePort } from "../e2e/lab/free-port.js";
import { eventually } from "../e2e/lab/wait.js";

const GUACD = (process.env["CHAPERONE_GUACD"] ?? "/usr/sbin/guacd").split(" ");
const VNC = "/usr/bin/Xtigervnc";
const TERMINAL = "/usr/bin/xterm";
const PASSWORD = "/usr/bin/tigervncpasswd";
const RESIZE = "/usr/bin/xrandr";

export const realDesktopThere =
  existsSync(GUACD.length === 1 ? (GUACD[0] ?? "") : join(GUACD[1] ?? "", GUACD[2] ?? "")) &&
  [VNC, TERMINAL, PASSWORD, RESIZE].every((program) => existsSync(program));

export interface RealDesktop {
  /** Where its shell is, and works. */
  readonly folder: string;
  readonly guacdPort: number;
  readonly vncPort: number;
  /** Gives the desktop another size, one of those that the server offers, as somebody within it would. */
  resize(size: string): void;
  /** guacd's log. */
  says(): string;
  /** The numbers of its connections, which nobody but guacd and the sidecar should need to know. */
  numbers(): readonly string[];
  /** What whoever asks for this number at the port is answered. */
  join(port: number, number: string): Promise<string>;
  close(): Promise<void>;
}

export async function startRealDesktop(): Promise<RealDesktop> {
  const folder = mkdtempSync(join(tmpdir(), "chaperone-vnc-"));
  const running: ChildProcess[] = [];
  let log = "";
  const [guacdPort, vncPort] = [await freePort(), await freePort()];
  const passwords = join(folder, "passwd");
  writeFileSync(passwords, execFileSync(PASSWORD, ["-f"], { input: TARGET_PASSWORD }));

  const display = await startVnc();
  start(TERMINAL, [
    ...["-display", display, "-geometry", "120x40+0+0", "-bg", "white", "-fg", "black"],
    ...["-e", "bash", "--norc", "--noprofile"],
  ]);
  const [program = "", ...before] = GUACD;
  start(program, [...before, "-f", "-b", "127.0.0.1", "-l", String(guacdPort)]);
  await eventually("guacd to listen", () => log.includes("Listening on host"), {
    instead: () => log,
  });

  function start(what: string, args: readonly string[]): ChildProcess {
    const child = spawn(what, args, {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: "/tmp", PS1: "$ ", LANG: "C.UTF-8" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (bytes: Buffer) => (log += bytes.toString()));
    running.push(child);
    return child;
  }

  /** Its display, as it says itself: any that is free. */
  async function startVnc(): Promise<string> {
    let number = "";
    const server = start(VNC, [
      ...["-displayfd", "1", "-rfbport", String(vncPort), "-geometry", "1024x768", "-localhost"],
      ...["-SecurityTypes", "VncAuth", "-rfbauth", passwords],
    ]);
    server.stdout?.on("data", (bytes: Buffer) => (number += bytes.toString()));
    await eventually("a display", () => /^\d+\n/.test(number), { instead: () => log });
    return `:${number.trim()}`;
  }

  return {
    folder,
    guacdPort,
    vncPort,
    resize: (size) => void execFileSync(RESIZE, ["-display", display, "-s", size]),
    says: () => log,
    numbers: () => Array.from(log.matchAll(/Connection ID is "([^"]+)"/g), ([, one]) => one ?? ""),
    join: (port, number) => answerTo(port, `6.select,${number.length}.${number};`),
    async close() {
      for (const child of running.toReversed()) child.kill();
      await Promise.all(running.map(ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((over) => child.once("exit", over));
}

function answerTo(port: number, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(words));
    socket.on("data", (bytes) => (heard += bytes.toString()));
    socket.on("close", () => resolve(heard));
    socket.on("error", reject);
  });
}

import { describe, expect, it } from "vitest";
import { analyseLine } from "../shell/index.js";
import { readsCommandsFromStdin } from "./stdin-shell.js";

const reads = (line: string): boolean => readsCommandsFromStdin(analyseLine(line, {}));

describe("a command without a terminal", () => {
  it.each([
    "bash",
    "bash -s",
    "bash -s -- arg",
    "sh -e",
    "bash --norc -o pipefail",
    "bash /dev/stdin",
    "bash $flags",
    "env A=b bash",
    "sudo bash -s",
    "sudo -s",
    "sudo -u bob -i",
    "su - postgres",
    "doas -s",
    "ssh -p 22 db-2",
    "chroot /mnt",
    "nsenter -t 1 -m",
    "docker exec -i web sh",
    "at now",
    "cd /tmp && exec bash",
  ])("may read commands from its input: %s", (line) => {
    expect(reads(line)).toBe(true);
  });

  it.each([
    "ls",
    "cat",
    "bash -c 'ls'",
    "bash script.sh",
    "bash < script.sh",
    "bash <<< 'ls'",
    "echo ls | bash",
    "sudo ls",
    "sudo -l",
    "su -c ls",
    "ssh db-2 ls",
    "chroot /mnt ls",
    "scp -t /tmp",
    "tar xf -",
    "git-upload-pack /srv/x.git",
  ])("or not: %s", (line) => {
    expect(reads(line)).toBe(false);
  });
});

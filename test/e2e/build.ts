// Builds once before the end-to-end tests: they run the sidecar that a person would run.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

import { makeKey } from "./lab/sshd.js";

declare module "vitest" {
  interface ProvidedContext {
    /** An RSA host key for every sidecar of the run; null where the machine has no ssh-keygen. */
    rsaHostKey: string | null;
  }
}

/** As long as the one that a sidecar makes at its first start. */
const RSA_BITS = 3_072;

export async function setup(project: TestProject): Promise<() => void> {
  if (process.env["CHAPERONE_NO_BUILD"] !== "1") {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    execFileSync("npm", ["run", "--silent", "build"], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
  }
  const folder = mkdtempSync(join(tmpdir(), "chaperone-keys-"));
  const key = await makeKey(join(folder, "ssh_host_rsa_key"), "rsa", RSA_BITS).catch(() => null);
  project.provide("rsaHostKey", key);
  return () => rmSync(folder, { recursive: true, force: true });
}

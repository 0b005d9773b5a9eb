import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasSshd, startLab, type Lab } from "./ssh-lab.testing.js";

describe.skipIf(!hasSshd)("OpenSSH's client through the sidecar to OpenSSH's server", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => {
    await lab.close();
  });

  it("runs a command and passes its output, errors and exit code", async () => {
    const result = await lab.ssh(["echo out; echo err >&2; exit 7"]);
    expect({ ...result, stdout: result.stdout.toString() }).toEqual({
      code: 7,
      signal: null,
      stdout: "out\n",
      stderr: "err\n",
    });
  });
});

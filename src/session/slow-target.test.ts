import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openBashLab, type BashLab, type BashLabOptions } from "./bash-lab.testing.js";

/** As from the other side of the earth: an echo comes long after the next keys were pressed. */
const FAR = 300;

const labs: BashLab[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.close();
});

async function open(options: BashLabOptions = {}): Promise<BashLab> {
  const lab = await openBashLab({ delayMs: FAR, ...options });
  labs.push(lab);
  return lab;
}

const kept = (lab: BashLab): string =>
  JSON.stringify([lab.events, lab.records.map((entry) => describeEntry(entry))]);

function describeEntry(entry: BashLab["records"][number]): unknown {
  return "bytes" in entry
    ? { ...entry, bytes: Buffer.from(entry.bytes).toString("latin1") }
    : entry;
}

const SECRET = "Tr0ub4dor";

describe("a target far away", () => {
  it("a password typed at its prompt is kept nowhere", async () => {
    const lab = await open();
    lab.type("read -rsp 'Password: ' x\r");
    await lab.see("Password:");
    lab.type(`${SECRET}\r`);
    await lab.prompt();
    await lab.typeAndSee("echo ${#x}\r", "\n9");
    expect(kept(lab)).not.toContain(SECRET);
  });

  it("a password typed ahead, before its prompt came, is kept nowhere", async () => {
    const lab = await open();
    lab.type(`read -rsp 'Password: ' x; echo "got \${#x}"\r`);
    // The echo is off there, and nobody here has seen the prompt yet. Any earlier, and the terminal of the
    // target shows what is typed: then it is no secret of the session, and who wins depends on the machine.
    await lab.targetSays("\rPassword: ");
    lab.type(`${SECRET}\r`);
    await lab.see("got 9");
    await lab.prompt();
    expect(kept(lab)).not.toContain(SECRET);
  });

  it("a forbidden line does not run, typed faster than it is seen", async () => {
    const lab = await open();
    const folder = join(lab.home, "precious");
    mkdirSync(folder);
    lab.type("rm -rf preciouss\x7f\r");
    await lab.see("[lab-rm]");
    await lab.prompt();
    await lab.typeAndSee("echo on\r", "\non");
    expect(existsSync(folder)).toBe(true);
  });

  it("lines typed ahead are told as they ran", async () => {
    const lab = await open();
    lab.type("echo one\recho two\r");
    await lab.see("\ntwo");
    await lab.prompt();
    const told = lab.events.flatMap((event) =>
      event.type === "command.entered" ? [event.data.text] : [],
    );
    expect(told).toEqual(["echo one", "echo two"]);
    expect(lab.ran()).toEqual(["echo one", "echo two"]);
  });
});

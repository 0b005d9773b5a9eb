import { afterEach, describe, expect, it } from "vitest";
import type { EventDraft } from "../../events/index.js";
import { openShellLab, type ShellLab, type ShellLabOptions } from "../shell-lab.testing.js";

const NONCE = "0123456789abcdef";
const SHELLS = ["bash", "zsh", "fish"] as const;

describe.each(SHELLS)("the third witness in %s", (name) => {
  let lab: ShellLab | undefined;
  afterEach(() => {
    lab?.close();
    lab = undefined;
  });

  async function open(options: ShellLabOptions = {}): Promise<ShellLab> {
    lab = await openShellLab({ name, integration: { shell: "auto", nonce: NONCE }, ...options });
    await lab.seeEvent(isState("active"));
    return lab;
  }

  it("tells the exact text, the exit code and the folder", async () => {
    const lab = await open();
    lab.type("cd /tmp\r");
    await lab.seeEvent(finished("cd /tmp"));
    lab.type("false\r");
    const event = await lab.seeEvent(finished("false"));
    expect(event.data).toMatchObject({ exitCode: 1, cwd: "/tmp", judged: "same", hidden: false });
  });
});

function isState(state: string): (event: EventDraft) => boolean {
  return (event) => event.type === "integration.changed" && event.data.state === state;
}

function finished(text: string): (event: EventDraft) => boolean {
  return (event) => event.type === "command.finished" && event.data.text === text;
}

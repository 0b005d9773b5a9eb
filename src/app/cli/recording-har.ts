import { closeSync, openSync, writeSync } from "node:fs";
import { basename, resolve } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import { BadLine, harOf, openRequestLog, type HarEnd } from "../../recording/index.js";
import { textOf, type Command } from "./command.js";
import { shortPath, tellFaults } from "./console.js";
import { EXIT } from "./exit-code.js";
import { IDENTITY_OPTION, loadIdentities } from "./recording.js";
import { packageVersion } from "./version.js";

export const harCommand: Command = {
  words: ["recording", "har"],
  positionals: "RECORDING",
  summary: "the requests of a web session as HAR, which browsers and proxies read",
  options: {
    identity: IDENTITY_OPTION,
    out: {
      type: "string",
      value: "FILE",
      help: "must not exist; without it RECORDING with `.har` for `.web`",
    },
  },
  notes: [
    "RECORDING is a file SESSION-0.web or SESSION-0.web.age. What was masked or left out of it says so.",
    "What was typed is put in its place when it stands in a file of its own beside RECORDING and one of",
    "the keys opens it. Exit 1: the recording was altered or cut, and what could be read of it was written.",
  ],
  examples: [
    "chaperone recording har var/recordings/2026/11/20/0192f0c1-0.web",
    "chaperone recording har 0192f0c1-0.web.age --identity auditor.key --out case.har",
  ],
  async run(call) {
    const [path, ...more] = call.positionals;
    const keys = textOf(call, "identity");
    if (path === undefined || more.length > 0) {
      call.console.err("chaperone recording har: say one RECORDING");
      return EXIT.usage;
    }
    const out = textOf(call, "out") ?? path.replace(/\.web(?:\.age)?$/, ".har");
    if (resolve(out) === resolve(path)) {
      call.console.err("chaperone recording har: the name does not end in .web: say --out FILE");
      return EXIT.usage;
    }
    const identities = keys === undefined ? null : await loadIdentities(keys);
    if (identities?.ok === false) {
      tellFaults(call.console, [identities.error]);
      return EXIT.couldNotRun;
    }
    const opened = await openRequestLog(path, identities?.value ?? null);
    const written = opened.ok
      ? writeHar(out, harOf(opened.value.log, { version: packageVersion(), ...opened.value.typed }))
      : opened;
    if (!opened.ok || !written.ok) {
      tellFaults(call.console, written.ok ? [] : [written.error]);
      const altered = !written.ok && written.error.code === "CHP_RECORDING_ALTERED";
      return altered ? EXIT.bad : EXIT.couldNotRun;
    }
    const { console } = call;
    console.out(`${shortPath(resolve(out))}: ${String(written.value.entries)} requests`);
    const remark = (text: string): void =>
      console.err(`${console.errStyle.warn("warning")} ${basename(path)}: ${text}`);
    if (opened.value.withoutKey) {
      remark("what was typed is encrypted for others, and is not in it");
    }
    if (written.value.gaps > 0) remark("it has gaps: the disk did not take everything");
    const altered = opened.value.altered();
    if (altered === null) {
      if (written.value.torn)
        remark("the last line is torn: it is still written, or its writer was killed");
      return EXIT.fine;
    }
    tellFaults(console, [altered]);
    return EXIT.bad;
  },
};

function writeHar(out: string, har: Generator<string, HarEnd>): Result<HarEnd, Fault> {
  try {
    const fd = openSync(out, "wx", 0o600);
    try {
      for (;;) {
        const next = har.next();
        if (next.done === true) return ok(next.value);
        const bytes = Buffer.from(next.value, "utf8");
        for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof BadLine) return err(error.fault);
    return err(fault("CHP_RECORDING_READ", describeError(error)));
  }
}

import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { basename, resolve } from "node:path";
import { describeError, err, fault, ok, type Fault, type Result } from "../../kernel/index.js";
import {
  decryptRecording,
  makeIdentity,
  readIdentities,
  type Decrypted,
  type Identities,
  type RecordingEnd,
} from "../../recording/index.js";
import { textOf, type Command, type CommandCall, type CommandOption } from "./command.js";
import { shortPath, tellFaults } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";

export const IDENTITY_OPTION: CommandOption = {
  type: "string",
  value: "FILE",
  help: "private keys of age, one a line: opens recordings that are encrypted",
};

const keygenCommand: Command = {
  words: ["recording", "keygen"],
  summary: "a key pair for encrypted recordings, as `age-keygen` makes them",
  options: {
    out: { type: "string", value: "FILE", help: "for the private key; must not exist" },
  },
  notes: [
    "The public key it prints belongs into `recording.encryption`. Keep the private one elsewhere, twice:",
    "who loses it can not read these recordings any more, and who has it can read all of them.",
  ],
  examples: ["chaperone recording keygen --out auditor.key"],
  async run(call) {
    const out = textOf(call, "out");
    if (out === undefined || call.positionals.length > 0) {
      call.console.err("chaperone recording keygen: say --out FILE");
      return EXIT.usage;
    }
    const { identity, recipient } = await makeIdentity();
    try {
      const text = `# public key: ${recipient}\n${identity}\n`;
      writeFileSync(out, text, { mode: 0o600, flag: "wx" });
    } catch (error) {
      call.console.err(`chaperone recording keygen: ${describeError(error)}`);
      return EXIT.couldNotRun;
    }
    call.console.out(recipient);
    return EXIT.fine;
  },
};

const decryptCommand: Command = {
  words: ["recording", "decrypt"],
  positionals: "RECORDING",
  summary: "an encrypted recording as a file that players read",
  options: {
    identity: IDENTITY_OPTION,
    out: {
      type: "string",
      value: "FILE",
      help: "must not exist; without it RECORDING less `.age`; `-` for the standard output",
    },
  },
  notes: [
    "What was typed is put in its place when it stands in a file of its own beside RECORDING and one of",
    "the keys opens it. Of a session that was killed everything up to its last write is there.",
    "`age --decrypt` reads a finished recording as well. Exit 1: it was altered or cut.",
  ],
  examples: [
    "chaperone recording decrypt var/recordings/2026/11/20/0192f0c1-0.cast.age --identity auditor.key",
    "chaperone recording decrypt 0192f0c1-0.cast.age --identity auditor.key --out - | asciinema play -",
  ],
  async run(call) {
    const [path, ...more] = call.positionals;
    const keys = textOf(call, "identity");
    if (path === undefined || more.length > 0 || keys === undefined) {
      call.console.err("chaperone recording decrypt: say one RECORDING and --identity FILE");
      return EXIT.usage;
    }
    const out = textOf(call, "out") ?? path.replace(/\.age$/, "");
    if (resolve(out) === resolve(path)) {
      call.console.err(
        "chaperone recording decrypt: the name does not end in .age: say --out FILE",
      );
      return EXIT.usage;
    }
    const identities = await loadIdentities(keys);
    const opened = identities.ok ? await decryptRecording(path, identities.value) : identities;
    const written = opened.ok ? await write(call, out, opened.value) : opened;
    if (!opened.ok || !written.ok) {
      tellFaults(call.console, written.ok ? [] : [written.error]);
      return EXIT.couldNotRun;
    }
    if (out !== STDOUT) call.console.out(shortPath(resolve(out)));
    return tellOutcome(call, { path, input: opened.value.input, end: written.value });
  },
};

export async function loadIdentities(file: string): Promise<Result<Identities, Fault>> {
  try {
    return await readIdentities(file, readFileSync(file, "utf8"));
  } catch (error) {
    return err(fault("CHP_RECORDING_KEY", describeError(error)));
  }
}

/** What `--out` calls the standard output: nothing in clear text is left on a disk. */
const STDOUT = "-";

async function write(
  { console }: CommandCall,
  out: string,
  recording: Decrypted,
): Promise<Result<RecordingEnd, Fault>> {
  if (out !== STDOUT) return writeOut(out, recording);
  try {
    const pieces = recording.text();
    for (;;) {
      const piece = pieces.next();
      if (piece.done === true) return ok(piece.value);
      console.bytes(piece.value);
      await console.flushed();
    }
  } catch (error) {
    return err(fault("CHP_RECORDING_READ", describeError(error)));
  }
}

function writeOut(out: string, recording: Decrypted): Result<RecordingEnd, Fault> {
  try {
    const fd = openSync(out, "wx", 0o600);
    try {
      const pieces = recording.text();
      for (;;) {
        const piece = pieces.next();
        if (piece.done === true) return ok(piece.value);
        for (let done = 0; done < piece.value.length;) done += writeSync(fd, piece.value, done);
      }
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return err(fault("CHP_RECORDING_READ", describeError(error)));
  }
}

function tellOutcome(
  { console }: CommandCall,
  of: {
    readonly path: string;
    readonly input: Decrypted["input"];
    readonly end: RecordingEnd;
  },
): ExitCode {
  const remark = (text: string): void =>
    console.err(`${console.errStyle.warn("warning")} ${basename(of.path)}: ${text}`);
  if (of.input === "no-key") remark("what was typed is encrypted for others, and is not in it");
  if (of.end.how === "open")
    remark("no end was set: it is still written, or its writer was killed");
  if (of.end.how !== "altered") return EXIT.fine;
  tellFaults(console, [of.end.fault]);
  return EXIT.bad;
}

export const RECORDING_COMMANDS: readonly Command[] = [keygenCommand, decryptCommand];

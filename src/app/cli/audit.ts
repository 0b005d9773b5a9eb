import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { escapeControls, type Fault, type Result } from "../../kernel/index.js";
import { findRecordings } from "../../recording/index.js";
import {
  exportEvidence,
  isEvidence,
  verifyEvidence,
  verifyLog,
  type EvidenceReport,
  type LogReport,
} from "../../sealing/index.js";
import { eraseCommand } from "./audit-erase.js";
import { rotateCommand } from "./audit-rotate.js";
import { CONFIG_OPTION, textOf, type Command, type CommandCall } from "./command.js";
import { shortPath, tellFaults } from "./console.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";

const verifyCommand: Command = {
  words: ["audit", "verify"],
  summary: "checks the sealed event log, or the evidence of a session; names the first bad record",
  positionals: "DIR|FILE",
  options: {
    head: {
      type: "string",
      value: "HASH",
      help: "a head that a sink received in audit.sealed: the log must contain it, so a cut tail shows",
    },
    key: {
      type: "string",
      value: "ID",
      help: "the key that began the log, as an earlier run named it: another log in its place shows",
    },
  },
  notes: [
    "DIR is `audit` in the state directory (or the state directory itself), or a folder of evidence; FILE is one segment.",
    "Without --head and --key it checks that the log agrees with itself.",
    "Exit 0: everything is as it was written; 1: it is not; 3: there is no log to read.",
  ],
  examples: [
    "chaperone audit verify var/audit",
    "chaperone audit verify var/audit --head 5f0c...e1 --key 5c85c786f9f4d6bb431d242287db6b73",
  ],
  run(call) {
    return Promise.resolve(runVerify(call));
  },
};

function runVerify(call: CommandCall): ExitCode {
  const { console, positionals } = call;
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) {
    console.err("chaperone audit verify: name one folder or one segment");
    return EXIT.usage;
  }
  const head = textOf(call, "head");
  const key = textOf(call, "key");
  const trusted = key === undefined ? {} : { trusted: [key] };
  const place = logPlace(resolve(path));
  if (place.evidence) {
    const checked = verifyEvidence(place.path, trusted.trusted);
    return told(call, checked, (report) => tellEvidence(call, report));
  }
  const checked = verifyLog(place.path, { ...trusted, ...(head === undefined ? {} : { head }) });
  return told(call, checked, (report) => tellLog(call, report));
}

function told<T>(call: CommandCall, result: Result<T, Fault>, tell: (value: T) => ExitCode) {
  if (result.ok) return tell(result.value);
  tellFaults(call.console, [result.error]);
  return EXIT.couldNotRun;
}

/** The state directory stands for the log in it. */
function logPlace(path: string): { readonly path: string; readonly evidence: boolean } {
  if (!existsSync(path) || !statSync(path).isDirectory()) return { path, evidence: false };
  if (isEvidence(readdirSync(path))) return { path, evidence: true };
  const inside = join(path, "audit");
  return { path: existsSync(inside) ? inside : path, evidence: false };
}

function tellLog({ console }: CommandCall, report: LogReport): ExitCode {
  const { position, flaw, records, segments } = report;
  if (flaw !== null) {
    console.out(`${console.style.bad("altered")}: ${flaw.file}:${flaw.line} ${flaw.message}`);
    console.out(`  what: ${flaw.what}; the ${records} records before it are as they were written`);
    return EXIT.bad;
  }
  const open = (position.next ?? 0) - (position.unsealedFrom ?? 0);
  console.out(
    `${console.style.good("fine")}: ${records} records in ${segments} segments, from record ${position.first ?? 0}`,
  );
  const { key, firstKey } = position;
  console.out(`  key:  ${firstKey?.id ?? "none"}`);
  if (key?.id !== firstKey?.id) console.out(`  signs now: ${key?.id ?? "none"}`);
  console.out(`  head: ${position.head}`);
  if (open > 0) console.out(`  the last ${open} are not sealed yet: a seal comes every second`);
  return EXIT.fine;
}

function tellEvidence({ console }: CommandCall, report: EvidenceReport): ExitCode {
  const { flaw, session, events, key } = report;
  if (flaw !== null) {
    const what = `${escapeControls(flaw.file)}:${flaw.line} ${flaw.message}`;
    console.out(`${console.style.bad("altered")}: ${what}`);
    return EXIT.bad;
  }
  console.out(`${console.style.good("fine")}: ${events} events of ${escapeControls(session)}`);
  console.out(`  key:  ${key}`);
  return EXIT.fine;
}

const exportCommand: Command = {
  words: ["audit", "export"],
  summary: "the evidence of one session: events, recordings, proof that they stand in the log",
  positionals: "SESSION",
  options: {
    config: CONFIG_OPTION,
    out: { type: "string", value: "DIR", help: "a folder that does not exist yet" },
  },
  notes: [
    "Whoever receives the folder checks it with `chaperone audit verify DIR`, without the log.",
    "It shows this session in clear text and of the others nothing but digests.",
  ],
  examples: ["chaperone audit export 01JD7Q3K0V --out evidence-01JD7Q3K0V"],
  run(call) {
    return Promise.resolve(runExport(call));
  },
};

function runExport(call: CommandCall): ExitCode {
  const { console, positionals } = call;
  const [session, ...more] = positionals;
  if (session === undefined || more.length > 0) {
    console.err("chaperone audit export: name one session");
    return EXIT.usage;
  }
  const config = loadCalledConfig(call);
  if (!config.ok) {
    tellFaults(console, config.error);
    return EXIT.couldNotRun;
  }
  const out = resolve(textOf(call, "out") ?? `evidence-${session}`);
  const recordings = findRecordings(config.value.recording.folder, [session]);
  const dir = join(config.value.stateDir, "audit");
  return told(call, exportEvidence({ dir, session, out, recordings }), (made) => {
    console.out(`${shortPath(out)}: ${made.events} events, ${recordings.length} recordings`);
    if (made.erased > 0) console.out(`  ${made.erased} events can not be read: they were erased`);
    console.out(`  key: ${made.key}`);
    return EXIT.fine;
  });
}

export const AUDIT_COMMANDS: readonly Command[] = [
  verifyCommand,
  exportCommand,
  eraseCommand,
  rotateCommand,
];

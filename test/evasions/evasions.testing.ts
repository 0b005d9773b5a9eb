import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { wallMicros } from "../../src/kernel/index.js";
import { compileRules, type RuleSubject, type Ruleset } from "../../src/rules/index.js";
import {
  analyseLine,
  isOpaque,
  learnFromLine,
  type ShellKnowledge,
} from "../../src/shell/index.js";

/** One way to say something: the lines of one session, typed one after the other. */
export interface Spelling {
  readonly chapter: string;
  /** `static`: the last line says it all. `session`: what was typed before decides. */
  readonly kind: string;
  readonly lines: readonly string[];
}

/** What became of a spelling: the rule hit, we said that we can not tell, or nothing was noticed. */
export type Fate = "stopped" | "doubted" | "missed";

const RULES = "config/rules";
const FOLDER = "test/evasions";
/** Noon of a Wednesday, UTC. */
const NOON = wallMicros(Date.UTC(2026, 0, 7, 12) * 1000);
const SUBJECT: RuleSubject = {
  person: { name: "alice", groups: ["dba"], phrase: "", factors: ["totp"] },
  account: "root",
  target: { name: "db-1", address: "192.0.2.10:22", labels: {}, embedded: false },
  protocol: "ssh",
  origin: "192.0.2.1",
};

/** `== kind: chapter` opens a chapter; `␤` is a newline inside a command, `⏎` ends one. */
export function readSpellings(name: string): readonly Spelling[] {
  const out: Spelling[] = [];
  let kind = "";
  let chapter = "";
  for (const text of readFileSync(join(FOLDER, name), "utf8").split("\n")) {
    const opened = /^== (\w+): (.+)$/.exec(text);
    if (opened !== null) [, kind = "", chapter = ""] = opened;
    else if (text.trim() !== "" && !/^#(?: |$)/.test(text))
      out.push({ kind, chapter, lines: text.replaceAll("\u2424", "\n").split("\u23ce") });
  }
  return out;
}

/** The rules that are delivered, as a session would compile them. */
export function deliveredRules(): Ruleset {
  const files = readdirSync(RULES, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ file: name, text: readFileSync(join(RULES, name), "utf8") }));
  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  const compiled = compileRules(files, { sha256 });
  if (!compiled.ok) throw new Error(compiled.error.map((fault) => fault.message).join("\n"));
  return compiled.value;
}

/** Types the lines into one session and answers the strictest thing that was said about any of them. */
export function fateOf(
  ruleset: Ruleset,
  lines: readonly string[],
  isMeant: (rule: string) => boolean,
): Fate {
  let knowledge: ShellKnowledge = {};
  let fate: Fate = "missed";
  for (const line of lines) {
    const analysis = analyseLine(line, knowledge);
    const { cwd, home } = knowledge;
    const command = {
      analysis,
      channelKind: "shell" as const,
      wall: NOON,
      ...(cwd === undefined ? {} : { cwd }),
      ...(home === undefined ? {} : { home }),
    };
    if (ruleset.judge(command, SUBJECT).some((hit) => isMeant(hit.rule.id))) return "stopped";
    const possible = ruleset.doubts(command, SUBJECT).some((hit) => isMeant(hit.rule.id));
    if (possible || isOpaque(analysis)) fate = "doubted";
    knowledge = learnFromLine(knowledge, analysis);
  }
  return fate;
}

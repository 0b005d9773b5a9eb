import { createHash } from "node:crypto";
import { describeFault, wallMicros, type Fault } from "../kernel/index.js";
import type { RuleHit } from "../model/index.js";
import { analyseLine, type ShellKnowledge } from "../shell/index.js";
import {
  compileRules,
  type CompiledRuleset,
  type JudgedCommand,
  type RuleSubject,
} from "./index.js";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Noon of a Wednesday, UTC. */
export const NOON = wallMicros(Date.UTC(2026, 0, 7, 12) * 1000);

export function packOf(rules: string, extra = ""): string {
  return `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: test-pack, version: 1.0.0 }
${extra}
rules:
${rules}`;
}

/** A ruleset, or the faults as the failure of the test. */
export function compileForTest(...texts: readonly string[]): CompiledRuleset {
  const compiled = compileRules(
    texts.map((text, i) => ({ file: `rules-${i}.yaml`, text })),
    { sha256 },
  );
  if (!compiled.ok) throw new Error(compiled.error.map(describeFault).join("\n"));
  return compiled.value;
}

export function faultsOf(...texts: readonly string[]): readonly Fault[] {
  const compiled = compileRules(
    texts.map((text, i) => ({ file: `rules-${i}.yaml`, text })),
    { sha256 },
  );
  return compiled.ok ? [] : compiled.error;
}

export function commandFor(
  line: string,
  knowledge: ShellKnowledge = {},
  changes: Partial<JudgedCommand> = {},
): JudgedCommand {
  return {
    analysis: analyseLine(line, knowledge),
    channelKind: "shell",
    wall: NOON,
    ...(knowledge.cwd === undefined ? {} : { cwd: knowledge.cwd }),
    ...(knowledge.home === undefined ? {} : { home: knowledge.home }),
    ...changes,
  };
}

export function someSubject(changes: Partial<RuleSubject> = {}): RuleSubject {
  return {
    person: { name: "alice", groups: ["dba"], phrase: "blue heron", factors: ["totp"] },
    account: "root",
    target: { name: "db-1", address: "192.0.2.10:22", labels: { env: "prod" }, embedded: false },
    protocol: "ssh",
    origin: "10.1.2.3",
    ...changes,
  };
}

/** Ids of the rules that hit a line. */
export function hitIds(
  ruleset: CompiledRuleset,
  line: string,
  knowledge?: ShellKnowledge,
): readonly string[] {
  return hitsOf(ruleset, line, knowledge).map((hit) => hit.rule.id);
}

export function hitsOf(
  ruleset: CompiledRuleset,
  line: string,
  knowledge?: ShellKnowledge,
): readonly RuleHit[] {
  return ruleset.judge(commandFor(line, knowledge), someSubject());
}

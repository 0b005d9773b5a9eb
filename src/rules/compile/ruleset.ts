import { err, ok, type Fault, type Result, type WallMicros } from "../../kernel/index.js";
import type { RuleHit } from "../../model/index.js";
import { describePlace } from "../../kernel/index.js";
import type { CheckedRules, CompiledRuleset, JudgedCommand, RuleSubject } from "../ruleset.js";
import { isEnforcing } from "../verdict.js";
import { collectPacks, collectRules, type Collection, type RuleFile } from "./collect.js";
import type { ReadText } from "../read/list.js";
import { createCorrelate } from "./correlate.js";
import {
  createActivityJudge,
  createAnswerNeeds,
  createAnswerTest,
  speaksOf,
} from "./judge-activity.js";
import { createJudge } from "./judge.js";
import type { CompiledRule } from "./rule.js";
import { createTransferNeeds } from "./transfer-needs.js";

export interface CompileDeps {
  /** Hex SHA-256 of a text; the core has no cryptography of its own. */
  readonly sha256: (text: string) => string;
  /** Reads files that rule files name (lists); absent: such a name is a fault. */
  readonly readText?: ReadText;
}

/**
 * Rule files to a ruleset. One fault anywhere refuses the whole set (law 1); all faults of all files
 * are told at once, in the order of the files.
 */
export function compileRules(
  sources: readonly RuleFile[],
  deps: CompileDeps,
): Result<CompiledRuleset, readonly Fault[]> {
  const collection = collectRules(sources, deps.readText);
  if (collection.faults.length > 0) return err(collection.faults);
  return ok(rulesetOf(collection, deps.sha256(normalise(sources, collection))));
}

/**
 * The set that was compiled in another process, from what it says of itself. Its texts are neither read
 * again nor checked again: regular expressions are built when a command first needs them.
 */
export function restoreRules({ digest, packs }: CheckedRules): CompiledRuleset {
  return rulesetOf(collectPacks(packs, { checked: true }), digest);
}

function rulesetOf({ rules, denials, packs }: Collection, digest: string): CompiledRuleset {
  const judge = createJudge(rules, denials);
  const enforcing = rules.filter((rule) => rule.mode === "enforce" && isEnforcing(rule.actions));
  // Asked for every program that may carry files.
  const ruling = enforcing.filter((rule) => speaksOf(rule, "transfer"));
  // Asked for every command; what a session is does not change while it runs.
  const enforced = new WeakMap<RuleSubject, boolean>();
  return {
    digest,
    checked: { digest, packs },
    size: rules.length,
    rules: rules.map((rule) => ({
      id: rule.ref.id,
      name: rule.ref.name,
      file: rule.source.at.file,
      line: rule.source.at.line,
      mode: rule.mode,
      criticality: rule.ref.criticality,
      maturity: rule.source.maturity,
      notify: rule.actions.flatMap(({ notify }) => notify ?? []),
    })),
    listFiles: packs.flatMap((pack) =>
      [...pack.lists.values()].flatMap(({ file }) =>
        file === undefined ? [] : [{ path: file, from: pack.file }],
      ),
    ),
    enforces(session: RuleSubject) {
      const known = enforced.get(session);
      if (known !== undefined) return known;
      const enforces = denials.length > 0 || enforcing.some((rule) => rule.scope.session(session));
      enforced.set(session, enforces);
      return enforces;
    },
    rulesTransfers: (session) => ruling.some((rule) => rule.scope.session(session)),
    transferNeeds: createTransferNeeds(rules),
    judgeActivity: createActivityJudge(rules),
    answerHits: createAnswerTest(rules),
    awaitsAnswer: createAnswerNeeds(rules),
    activityDoubts: createActivityJudge(enforcing, "possible"),
    correlate: createCorrelate(rules),
    judge: (command: JudgedCommand, session: RuleSubject): readonly RuleHit[] =>
      judge(command, session, "certain"),
    doubts: (command: JudgedCommand, session: RuleSubject): readonly RuleHit[] =>
      judge(command, session, "doubtful"),
    warnings: (wall: WallMicros) => rules.flatMap((rule) => endedBy(rule, wall)),
  };
}

/**
 * The order in which files are found and the line ends of the machine they were written on change
 * nothing; neither do the names of the files.
 */
function normalise(sources: readonly RuleFile[], { packs }: Collection): string {
  const texts = sources.map(({ text, maturities }) => {
    const plain = text.replaceAll("\r\n", "\n");
    return maturities === undefined ? plain : `${[...maturities].sort().join()}\n${plain}`;
  });
  const lists = packs.flatMap((pack) =>
    [...pack.lists.values()].flatMap(({ file, values }) =>
      file === undefined ? [] : [JSON.stringify([file, values])],
    ),
  );
  return JSON.stringify([...texts.sort(), ...lists.sort()]);
}

function endedBy(rule: CompiledRule, wall: WallMicros): readonly string[] {
  const out = rule.exceptions
    .filter(({ source }) => source.expires <= wall)
    .map(
      ({ source }) =>
        `${describePlace(source.at)} exception ${source.label} of ${rule.ref.id} has expired and is ignored`,
    );
  if (rule.before !== undefined && rule.before.until <= wall)
    out.push(`override of ${rule.ref.id} has expired: the rule is as its pack says again`);
  if (rule.expires <= wall)
    out.push(`${describePlace(rule.source.at)} rule ${rule.ref.id} has expired and is off`);
  return out;
}

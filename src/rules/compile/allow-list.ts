import type { RuleHit, RuleRef } from "../../model/index.js";
import type { LineView } from "../matchers/view.js";
import type { PackSource } from "../read/source.js";
import { describeInvocation } from "./evidence.js";

/** Hits for everything on the line that no `effect: allow` rule matches. */
export type Denial = (line: LineView, allowed: ReadonlySet<number>) => readonly RuleHit[];

/**
 * Wrappers that change only who or how: allowed by what they start. Wrappers that change *where*
 * something runs (ssh, docker exec, chroot, sh -c) need an allow rule of their own.
 */
const TRANSPARENT = new Set([
  "sudo",
  "doas",
  "env",
  "nohup",
  "nice",
  "ionice",
  "time",
  "timeout",
  "setsid",
  "stdbuf",
  "command",
  "builtin",
]);

/** Allow-list mode (`kind: Policy`, `default: deny`). What can not be known is denied. */
export function createDenial(pack: PackSource): Denial {
  const rule: RuleRef = {
    id: `${pack.name}.default`,
    name: "Not on the allow list",
    version: pack.version,
    author: pack.author,
    criticality: "medium",
    score: 0,
    tags: [],
  };
  const hit = (evidence: string): RuleHit => ({
    rule,
    mode: pack.denyMode === "shadow" ? "shadow" : "enforce",
    actions: [{ verb: "block" }],
    evidence,
    message: "Only listed commands may run here.",
  });
  return (line, allowed) => {
    const { unparsed } = line.analysis;
    if (unparsed !== undefined) return [hit(`unparsed: the line could not be read (${unparsed})`)];
    const denied = line.views.find(({ index, invocation }) => {
      if (allowed.has(index)) return false;
      const { exec } = invocation;
      return exec === null || !TRANSPARENT.has(exec) || !startsSomething(line, index);
    });
    return denied === undefined ? [] : [hit(describeInvocation(denied, undefined))];
  };
}

/** A wrapper's command stands right behind it and names it last in `via`. */
function startsSomething(line: LineView, index: number): boolean {
  const exec = line.views[index]?.invocation.exec;
  return line.views[index + 1]?.invocation.via.at(-1) === exec;
}

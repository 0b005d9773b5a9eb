import type { ActivityView } from "../matchers/activity-view.js";
import { pathLeads } from "../matchers/http-lead.js";
import { projectMatch } from "../matchers/project.js";
import type { MatchSource } from "../read/source.js";
import type { CompiledRule } from "./rule.js";

/** The rules that may mean a request, in their order: most can not, because of the first letter of its path. */
export type HttpIndex = (view: ActivityView) => readonly CompiledRule[];

/** `rules`: those that speak of requests. */
export function createHttpIndex(rules: readonly CompiledRule[]): HttpIndex {
  const known = rules.map((rule) => ({ rule, letters: lettersOf(rule) }));
  const pick = (letter: string | null): readonly CompiledRule[] =>
    known.flatMap(({ rule, letters }) =>
      letters === null || (letter !== null && letters.includes(letter)) ? [rule] : [],
    );
  const others = pick(null);
  const all = new Set(known.flatMap(({ letters }) => letters ?? []));
  const byLetter = new Map([...all].map((letter) => [letter, pick(letter)]));
  return ({ activity, simplePath }) =>
    simplePath && activity.kind === "http"
      ? (byLetter.get(activity.path.charAt(1)) ?? others)
      : rules;
}

function lettersOf({ source }: CompiledRule): readonly string[] | null {
  const match = source.match === undefined ? null : projectMatch(source.match, "http");
  return match === null ? null : firstLetters(match);
}

/** With which letters behind the slash a simple path may begin; null: with any. */
function firstLetters(match: MatchSource): readonly string[] | null {
  switch (match.kind) {
    case "http":
      return pathLeads(match.http.path)?.map((lead) => lead.charAt(1)) ?? null;
    case "all":
      for (const part of match.parts) {
        const letters = firstLetters(part);
        if (letters !== null) return letters;
      }
      return null;
    case "any": {
      const letters: string[] = [];
      for (const part of match.parts) {
        const own = firstLetters(part);
        if (own === null) return null;
        letters.push(...own);
      }
      return letters;
    }
    case "not":
    case "command":
    case "transfer":
    case "forward":
    case "clipboard":
    case "anomaly":
      return null;
  }
}

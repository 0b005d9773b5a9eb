import type { MatchSource } from "../read/source.js";

export type ActivityKind = MatchLeaf["kind"];
export type MatchLeaf = Exclude<MatchSource, { readonly kind: "all" | "any" | "not" }>;

/**
 * The part of a condition that speaks of one kind of activity; null when it can not hold for that kind.
 * `not: { transfer: ... }` says nothing about commands: it neither holds nor fails for them.
 */
export function projectMatch(source: MatchSource, kind: ActivityKind): MatchSource | null {
  switch (source.kind) {
    case "command":
    case "transfer":
    case "forward":
    case "http":
    case "clipboard":
    case "anomaly":
      return source.kind === kind ? source : null;
    case "not": {
      const part = projectMatch(source.part, kind);
      return part === null ? null : { kind: "not", part };
    }
    case "any": {
      const parts = source.parts.flatMap((part) => projectMatch(part, kind) ?? []);
      return parts.length === 0 ? null : { kind: "any", parts };
    }
    case "all": {
      const parts: MatchSource[] = [];
      for (const part of source.parts) {
        const own = projectMatch(part, kind);
        if (own !== null) parts.push(own);
        else if (part.kind !== "not") return null;
      }
      return parts.length === 0 ? null : { kind: "all", parts };
    }
  }
}

import type { Micros } from "../../kernel/index.js";

export interface BlindStretch {
  readonly kind: "echo-off" | "in-program";
  readonly from: Micros;
  readonly until: Micros;
}

/** Stretches in which the line could not be seen. Bounded: neighbours grow together when there are too many. */
export interface BlindSpans {
  add(kind: BlindStretch["kind"], from: Micros, until: Micros): void;
  readonly all: readonly BlindStretch[];
}

const SPANS_MAX = 256;

export function createBlindSpans(): BlindSpans {
  return new NotedSpans();
}

class NotedSpans implements BlindSpans {
  #spans: BlindStretch[] = [];

  get all(): readonly BlindStretch[] {
    return this.#spans;
  }

  add(kind: BlindStretch["kind"], from: Micros, until: Micros): void {
    const last = this.#spans.at(-1);
    if (last?.kind === kind && last.until >= from) {
      this.#spans[this.#spans.length - 1] = { kind, from: last.from, until };
      return;
    }
    this.#spans.push({ kind, from, until });
    if (this.#spans.length > SPANS_MAX) this.#spans = coarser(this.#spans);
  }
}

/** Pairs become one: the total only grows, nothing blind is forgotten. */
function coarser(spans: readonly BlindStretch[]): BlindStretch[] {
  const merged: BlindStretch[] = [];
  for (const kind of ["echo-off", "in-program"] as const) {
    const same = spans.filter((span) => span.kind === kind);
    for (let i = 0; i < same.length; i += 2) {
      const first = same[i];
      const second = same[i + 1] ?? first;
      if (first && second) merged.push({ kind, from: first.from, until: second.until });
    }
  }
  return merged.sort((a, b) => a.from - b.from);
}

import type { Invocation } from "../../model/index.js";
import { INVOCATIONS_MAX, PARSED_CHARS_MAX, SCRIPT_DEPTH_MAX } from "../limits.js";

/** An invocation while the neighbours in its pipeline are still being found. */
export type Draft = { -readonly [K in keyof Invocation]: Invocation[K] };

/** Where in the line the reading stands. */
export interface Place {
  readonly via: readonly string[];
  readonly runas: string | undefined;
  readonly context: Invocation["context"];
  readonly depth: number;
}

/** What was found in one line, and what finding it may still cost. */
export class Findings {
  readonly found: Draft[] = [];
  complete = true;
  #trouble: string | undefined;
  #chars = PARSED_CHARS_MAX;

  get trouble(): string | undefined {
    return this.#trouble;
  }

  giveUp(reason: string): void {
    this.#trouble ??= reason;
  }

  /** May a text be read at this depth? Says why not. */
  mayRead(text: string, depth: number): boolean {
    this.#chars -= text.length;
    if (this.#chars < 0) this.giveUp("too much text inside of the line");
    if (depth > SCRIPT_DEPTH_MAX) this.giveUp(`scripts nested deeper than ${SCRIPT_DEPTH_MAX}`);
    return this.#chars >= 0 && depth <= SCRIPT_DEPTH_MAX;
  }

  add(draft: Draft): number {
    if (this.found.length >= INVOCATIONS_MAX) {
      this.giveUp(`more than ${INVOCATIONS_MAX} commands`);
      return this.found.length - 1;
    }
    return this.found.push(draft) - 1;
  }
}

export function newDraft(
  words: readonly (string | null)[],
  exec: string | null,
  place: Place,
): Draft {
  return {
    argv: [exec, ...words.slice(1)],
    exec,
    via: place.via,
    redirects: [],
    context: place.context,
    assignments: [],
    dynamic: exec === null,
    ...(place.runas === undefined ? {} : { runas: place.runas }),
  };
}

import { expect, onTestFinished } from "vitest";

/** Anything that answers an input with effects; `Session` is one. */
export interface Machine<I, E> {
  step(input: I): readonly E[];
}

export interface PlaybookOptions<I, E> {
  readonly describeInput?: (input: I) => string;
  readonly describeEffect?: (effect: E) => string;
  /** Effects that this playbook is about; the others are left out of the transcript. */
  readonly about?: (effect: E) => boolean;
}

/**
 * A scene, written as it happens: what the machine sees, what it does.
 *
 *     play(session).sees(keys("rm -rf /"), enter).does("send-to-target 0 \"rm -rf /\"").ends();
 *
 * Both sides are compared as transcripts in `ends()`, so that a failure is a readable diff of the
 * whole scene. A playbook that nobody ended fails its test: a scene that is not compared shows nothing.
 */
export interface Playbook<I, E> {
  sees(...inputs: readonly I[]): Playbook<I, E>;
  /** Effects expected since the last `does`: as values, or as their description. */
  does(...effects: readonly (E | string)[]): Playbook<I, E>;
  /** The effects since the last `does` do not matter here, but at least one satisfies `which`. */
  doesSome(what: string, which: (effect: E) => boolean): Playbook<I, E>;
  /** Compares the transcripts. Returns every effect that there was, for further questions. */
  ends(): readonly E[];
}

export function play<I, E>(
  machine: Machine<I, E>,
  options: PlaybookOptions<I, E> = {},
): Playbook<I, E> {
  const { describeInput = describeValue, describeEffect = describeValue } = options;
  const about = options.about ?? (() => true);
  const actual: string[] = [];
  const expected: string[] = [];
  const all: E[] = [];
  let fresh: E[] = [];
  let compared = false;

  onTestFinished(() => {
    if (!compared) throw new Error("this playbook was never compared: close it with ends()");
  });

  /** Effects that nobody asked about by `does` still belong to the transcript. */
  function settle(): void {
    actual.push(...fresh.map((effect) => `  does ${describeEffect(effect)}`));
    fresh = [];
  }

  const playbook: Playbook<I, E> = {
    sees(...inputs) {
      settle();
      for (const input of inputs) {
        const line = `sees ${describeInput(input)}`;
        actual.push(...fresh.map((effect) => `  does ${describeEffect(effect)}`), line);
        expected.push(line);
        const effects = machine.step(input);
        all.push(...effects);
        fresh = effects.filter(about);
      }
      return playbook;
    },
    does(...effects) {
      settle();
      for (const effect of effects) {
        const text = typeof effect === "string" ? effect : describeEffect(effect);
        expected.push(`  does ${text}`);
      }
      return playbook;
    },
    doesSome(what, which) {
      const line = `  does, among others, ${what}`;
      expected.push(line);
      if (fresh.some(which)) {
        actual.push(line);
        fresh = [];
      }
      settle();
      return playbook;
    },
    ends() {
      compared = true;
      settle();
      expect(actual.join("\n")).toBe(expected.join("\n"));
      return all;
    },
  };
  return playbook;
}

/**
 * One line for a value of any union with a `kind`: the kind first, the other fields after it, bytes as
 * text with escapes. Times are left out: they are the stage, not the scene.
 */
export function describeValue(value: unknown): string {
  if (typeof value !== "object" || value === null) return describeField(value);
  const entries: readonly [string, unknown][] = Object.entries(value);
  const kind = entries.find(([name]) => name === "kind")?.[1];
  const fields = entries
    .filter(([name, field]) => field !== undefined && !["kind", "at", "wall"].includes(name))
    .map(([name, field]) => `${name}=${describeField(field)}`);
  return [...(typeof kind === "string" ? [kind] : []), ...fields].join(" ");
}

function describeField(value: unknown): string {
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("latin1"));
  return JSON.stringify(value, (_key, field: unknown) =>
    field instanceof Uint8Array ? Buffer.from(field).toString("latin1") : field,
  );
}

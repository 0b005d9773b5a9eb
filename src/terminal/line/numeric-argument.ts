/** readline refuses larger numeric arguments; so much is not worth modelling. */
const ARGUMENT_MAX = 1_000;

/** The number that is typed before a command, to carry it out so often. */
export interface NumericArgument {
  readonly open: boolean;
  /** A digit, `-`, or nothing (Ctrl-U in other maps). */
  digit(text: string): void;
  /** The number, 1 where there is none; null: too large to be followed. */
  take(): number | null;
  clear(): void;
}

export function createNumericArgument(): NumericArgument {
  return new TypedArgument();
}

class TypedArgument implements NumericArgument {
  #value: number | null = null;
  #negative = false;
  #open = false;

  get open(): boolean {
    return this.#open;
  }

  digit(text: string): void {
    this.#open = true;
    if (text === "-") this.#negative = !this.#negative;
    else this.#value = Math.min((this.#value ?? 0) * 10 + Number(text), ARGUMENT_MAX);
  }

  take(): number | null {
    const value = this.#value ?? 1;
    const count = this.#negative ? -value : value;
    this.clear();
    return value === ARGUMENT_MAX ? null : count;
  }

  clear(): void {
    this.#value = null;
    this.#negative = false;
    this.#open = false;
  }
}

import { CLUSTERS_BEFORE_SWEEP } from "./limits.js";

/**
 * Characters with combining marks. A cell holds only a number, so moving cells moves nothing here;
 * equal texts share a number. Numbers no longer on screen are dropped by a sweep once the table has
 * doubled, so the table never holds more than twice what the screen shows.
 */
export class Clusters {
  private readonly texts = new Map<number, string>();
  private readonly numbers = new Map<string, number>();
  private next = 1;
  private sweepAt = CLUSTERS_BEFORE_SWEEP;

  /** True when the owner should call `sweep` before it interns more. */
  get full(): boolean {
    return this.texts.size >= this.sweepAt;
  }

  intern(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    while (this.texts.has(this.next)) this.next = nextNumber(this.next);
    const number = this.next;
    this.next = nextNumber(number);
    this.texts.set(number, text);
    this.numbers.set(text, number);
    return number;
  }

  text(number: number): string {
    return this.texts.get(number) ?? "\ufffd";
  }

  /** Keeps only the numbers in use. */
  sweep(used: ReadonlySet<number>): void {
    for (const [number, text] of this.texts) {
      if (used.has(number)) continue;
      this.texts.delete(number);
      this.numbers.delete(text);
    }
    this.sweepAt = Math.max(CLUSTERS_BEFORE_SWEEP, this.texts.size * 2);
  }

  clear(): void {
    this.texts.clear();
    this.numbers.clear();
    this.sweepAt = CLUSTERS_BEFORE_SWEEP;
  }
}

/** Numbers share the 21 bits of a code point; a screen has at most COLUMNS_MAX x ROWS_MAX x 2. */
function nextNumber(number: number): number {
  return number >= 0x1fffff ? 1 : number + 1;
}

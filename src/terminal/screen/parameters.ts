import { PARAMETER_VALUE_MAX, PARAMETERS_MAX, SUBPARAMETERS_MAX } from "./limits.js";

/**
 * Numbers of one control sequence. A missing number is 0, a missing sub-parameter -1. What goes
 * beyond the limits is dropped, the sequence still acts on the rest.
 */
export class Parameters {
  length = 1;
  private readonly values = new Int32Array(PARAMETERS_MAX);
  private readonly subValues = new Int32Array(SUBPARAMETERS_MAX);
  /** Sub-parameters known when the parameter began: those of parameter i start here. */
  private readonly subFrom = new Uint8Array(PARAMETERS_MAX);
  private subLength = 0;
  private inSub = false;
  /** The limit is passed: digits have nowhere to go. */
  private full = false;
  private subFull = false;

  reset(): void {
    this.length = 1;
    this.values[0] = 0;
    this.subFrom[0] = 0;
    this.subLength = 0;
    this.inSub = false;
    this.full = false;
    this.subFull = false;
  }

  /** A digit, a colon or a semicolon. */
  accept(code: number): void {
    if (code === 0x3b) this.begin();
    else if (code === 0x3a) this.beginSub();
    else this.digit(code - 0x30);
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] ?? 0) : 0;
  }

  /** The number, with 0 and missing meaning 1: a count or a one-based place. */
  count(index: number): number {
    return this.at(index) || 1;
  }

  subCount(index: number): number {
    return this.subEnd(index) - (this.subFrom[index] ?? 0);
  }

  /** -1 when left out. */
  sub(index: number, position: number): number {
    const at = (this.subFrom[index] ?? 0) + position;
    return at < this.subEnd(index) ? (this.subValues[at] ?? -1) : -1;
  }

  /** The characters that, read again, give these numbers and go on where they stopped. */
  text(): string {
    const texts: string[] = [];
    for (let i = 0; i < this.length; i += 1) {
      let text = String(this.at(i));
      for (let sub = 0; sub < this.subCount(i); sub += 1) {
        text += `:${this.sub(i, sub) < 0 ? "" : this.sub(i, sub)}`;
      }
      texts.push(text);
    }
    const beyond = this.full ? ";" : this.inSub && this.subFull ? ":" : "";
    return texts.join(";") + beyond;
  }

  private subEnd(index: number): number {
    return index + 1 < this.length ? (this.subFrom[index + 1] ?? 0) : this.subLength;
  }

  private begin(): void {
    this.inSub = false;
    if (this.length >= PARAMETERS_MAX) {
      this.full = true;
      return;
    }
    this.subFrom[this.length] = this.subLength;
    this.values[this.length] = 0;
    this.length += 1;
  }

  private beginSub(): void {
    if (this.full) return;
    this.inSub = true;
    if (this.subLength >= SUBPARAMETERS_MAX) {
      this.subFull = true;
      return;
    }
    this.subValues[this.subLength] = -1;
    this.subLength += 1;
  }

  private digit(value: number): void {
    if (this.full || (this.inSub && this.subFull)) return;
    const store = this.inSub ? this.subValues : this.values;
    const at = (this.inSub ? this.subLength : this.length) - 1;
    const current = store[at] ?? 0;
    store[at] = current < 0 ? value : Math.min(current * 10 + value, PARAMETER_VALUE_MAX);
  }
}

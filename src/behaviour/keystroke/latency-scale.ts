/**
 * Time between keys on a logarithmic scale of fixed cells. People vary in proportion, not in
 * milliseconds, and a cell is wider than the timer grain of old clients (15.6 ms at 172 ms).
 */
export const LATENCY_CELLS = 48;
/** Below this two keys arrived together; the network decides, not the hand. */
const LATENCY_MS_MIN = 10;
const LATENCY_MS_MAX = 2_000;
const LOG_MIN = Math.log(LATENCY_MS_MIN);
const CELL_WIDTH = (Math.log(LATENCY_MS_MAX) - LOG_MIN) / LATENCY_CELLS;
/** First printable character that JSON does not escape: a cell is one character in a profile. */
const FIRST_CODE = 48;

/** The cell of a time in ms; what is outside the scale falls into its first or last cell. */
export function latencyCell(ms: number): number {
  if (!(ms > LATENCY_MS_MIN)) return 0;
  const cell = Math.floor((Math.log(ms) - LOG_MIN) / CELL_WIDTH);
  return cell >= LATENCY_CELLS ? LATENCY_CELLS - 1 : cell;
}

/** `0`..`_`: one character per cell; 92 (backslash), which JSON would escape, is stepped over. */
export function cellCharacter(cell: number): string {
  const code = FIRST_CODE + cell;
  return String.fromCharCode(code >= BACKSLASH ? code + 1 : code);
}

/** The cell of a character; null for one that stands for none. */
export function characterCell(code: number): number | null {
  const cell = (code > BACKSLASH ? code - 1 : code) - FIRST_CODE;
  return code === BACKSLASH || cell < 0 || cell >= LATENCY_CELLS ? null : cell;
}

const BACKSLASH = 92;

/** A histogram spread with a Gaussian of `width` cells; mass beyond the ends stays in the last cell. */
export function smoothed(cells: ArrayLike<number>, kernel: readonly number[]): Float64Array {
  const reach = (kernel.length - 1) / 2;
  const out = new Float64Array(LATENCY_CELLS);
  for (let from = 0; from < LATENCY_CELLS; from += 1) {
    const mass = cells[from] ?? 0;
    if (mass === 0) continue;
    for (let step = -reach; step <= reach; step += 1) {
      const to = Math.min(LATENCY_CELLS - 1, Math.max(0, from + step));
      out[to] = (out[to] ?? 0) + mass * (kernel[step + reach] ?? 0);
    }
  }
  return out;
}

/** Weights of a Gaussian kernel of `width` cells (one sigma), normalised to 1. */
export function gaussianKernel(width: number): readonly number[] {
  const reach = Math.ceil(3 * width);
  const raw = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / width) ** 2),
  );
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((weight) => weight / sum);
}

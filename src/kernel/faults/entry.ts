/** One row of the fault catalog; `docs/reference/faults.md` is generated from these. */
export interface FaultEntry {
  /** What happened, as a headline. */
  readonly summary: string;
  /** What the administrator does next. */
  readonly remedy: string;
  /** True when trying the same again later may succeed. */
  readonly retryable: boolean;
}
export type FaultTable = Readonly<Record<`CHP_${string}`, FaultEntry>>;

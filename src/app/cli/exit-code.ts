/** Exit codes of the contract. */
export const EXIT = {
  fine: 0,
  /** The thing that was checked is bad. */
  bad: 1,
  usage: 2,
  couldNotRun: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What is planted in a generated year: things of sessions, and of views of credentials. */
export const KINDS: readonly string[];

export interface YearOptions {
  readonly seed?: number;
  readonly people?: number;
  readonly days?: number;
  readonly plantedPerKind?: number;
  readonly start?: number;
}

export interface Year {
  /** The events of one day after the other, as JSON texts. */
  readonly days: () => Iterable<readonly string[]>;
  /** kind -> things, each as the ids of its sessions or views. */
  readonly planted: Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly counts: { readonly sessions: number; readonly events: number; readonly views: number };
  readonly staff: readonly { readonly name: string }[];
  readonly start: number;
  readonly end: number;
}

export function createYear(options?: YearOptions): Year;

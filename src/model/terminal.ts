/** The terminal as the person's client described it in pty-req (RFC 4254 sections 6.2 and 8). */
export interface PtyFacts {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
  readonly widthPixels: number;
  readonly heightPixels: number;
  /** Terminal modes by opcode name (VINTR, ISIG, ECHO, ...); absent = unknown. */
  readonly modes: Readonly<Record<string, number>>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A request whose head was found good: its own host, from its own pages. */
export interface PageRequest {
  readonly method: "GET" | "POST";
  /** Without query. */
  readonly path: string;
  /** Address of the browser. */
  readonly peer: string;
  readonly cookie: string | undefined;
  readonly contentType: string;
  readonly body: string;
  /** The pages are reached by https. */
  readonly secure: boolean;
}

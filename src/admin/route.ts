import type { z } from "zod";
import { fault, type Fault, type Result } from "../kernel/index.js";
import type { Role } from "./access/role.js";
import type { AdminPorts, Caller, LiveWatch } from "./ports.js";

/** One call of the API: what it takes, who may, what it answers. The table of them is the API. */
export interface Route {
  /** camelCase; names the call in events, metrics and in the API document. */
  readonly operation: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** With `:name` for parameters. */
  readonly path: string;
  /** Null: nobody has to prove anything. Only health is like that. */
  readonly needs: Role | null;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly bodyBytesMax?: number;
  readonly answer: RouteAnswer;
  /** Whom and what the call is about, for its event. */
  readonly about?: (call: Call<never, never, never>) => CallSubject;
  readonly handle: (
    call: Call<never, never, never>,
    ports: AdminPorts,
  ) => Promise<Outcome> | Outcome;
}

export type RouteAnswer =
  | { readonly type: "json"; readonly status: 200 | 201 | 202; readonly schema: z.ZodType }
  | { readonly type: "text"; readonly media: string; readonly describe: string }
  | { readonly type: "live"; readonly describe: string };

export interface Call<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly caller: Caller;
}

export interface CallSubject {
  readonly session?: string;
  readonly person?: string;
  readonly target?: string;
  readonly subject?: string;
  readonly reason?: string;
}

export type Outcome = Result<Reply, Fault>;

export type Reply =
  | { readonly type: "json"; readonly body: unknown }
  | { readonly type: "text"; readonly media: string; readonly text: string }
  | {
      readonly type: "file";
      readonly media: string;
      readonly fileName: string;
      readonly bytes: number;
      readonly content: NodeJS.ReadableStream;
    }
  | {
      readonly type: "live";
      readonly watch: LiveWatch;
    };

interface TypedRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends Omit<
  Route,
  "params" | "query" | "body" | "about" | "handle"
> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly about?: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => CallSubject;
  readonly handle: (
    call: Call<z.output<P>, z.output<Q>, z.output<B>>,
    ports: AdminPorts,
  ) => Promise<Outcome> | Outcome;
}

/** Keeps the types of what the schemas let through for `handle`, and forgets them for the table. */
export function defineRoute<
  P extends z.ZodType = z.ZodType<undefined>,
  Q extends z.ZodType = z.ZodType<undefined>,
  B extends z.ZodType = z.ZodType<undefined>,
>(route: TypedRoute<P, Q, B>): Route {
  return route; // the server validates with the same schemas before it calls
}

export const reply = (body: unknown): Reply => ({ type: "json", body });

export function notFound(what: string): Fault {
  return fault("CHP_ADMIN_NOT_FOUND", `there is no ${what}`);
}

/**
 * Units and ids carry a brand, so that a channel is never taken for a session and a wall time never
 * for a monotonic one. The brand exists for the compiler only.
 */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Monotonic microseconds since an arbitrary origin, taken once at the socket read. */
export type Micros = Branded<number, "Micros">;
/** UTC microseconds since the Unix epoch: a double holds them exactly until the year 2255. */
export type WallMicros = Branded<number, "WallMicros">;
export type SessionId = Branded<string, "SessionId">;
/** Unique within its session; never reused. */
export type ChannelId = Branded<number, "ChannelId">;
/** Names a request that awaits an answer (a channel request, a question to the registry). */
export type RequestId = Branded<number, "RequestId">;

export const micros = (value: number): Micros => value as Micros;
export const wallMicros = (value: number): WallMicros => value as WallMicros;
export const sessionId = (value: string): SessionId => value as SessionId;
export const channelId = (value: number): ChannelId => value as ChannelId;
export const requestId = (value: number): RequestId => value as RequestId;

export const MICROS_PER_MS = 1_000;
export const MICROS_PER_SECOND = 1_000_000;

export function after(at: Micros, durationMs: number): Micros {
  return (at + durationMs * MICROS_PER_MS) as Micros;
}

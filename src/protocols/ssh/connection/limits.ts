/** More parallel channels than any client opens on one connection; each may hold a window of bytes. */
export const CHANNELS_MAX = 64;
/** Requests of one channel that wait for an answer; a client that sends more is refused. */
export const REQUESTS_PENDING_MAX = 128;
/** Connection-wide requests that wait for an answer. */
export const GLOBAL_REQUESTS_PENDING_MAX = 64;
/**
 * Window of a channel while we do not know what it carries, and of a person's terminal: what arrives
 * before the core has decided, or while a gate is held, waits in memory and never exceeds it.
 */
export const WINDOW_NARROW_BYTES = 64 * 1024;
/** Output of a target's terminal: more would only delay the effect of Ctrl-C. */
export const WINDOW_TERMINAL_BYTES = 256 * 1024;
/** Bulk: fills a link of 50 ms at 40 MB/s. Larger ones were measured to be slower. */
export const WINDOW_BULK_BYTES = 2 * 1024 * 1024;
/** The largest payload of one message that we accept (RFC 4253 section 6.1 asks for 32768). */
export const PACKET_BYTES_MAX = 32 * 1024;
/** Bytes waiting for a slow reader beyond which the other side is no longer read. */
export const HIGH_WATER_BYTES = 256 * 1024;
/** Environment requests of one channel. */
export const ENV_REQUESTS_MAX = 64;
/** Names and values of the environment requests of one channel together. */
export const ENV_BYTES_MAX = 32 * 1024;

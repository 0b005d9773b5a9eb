/** What the web listener reads, keeps and waits for at most; each limit is told in docs/guide/web.md. */

/** Request line and headers of one request. Browsers stay below 16 KiB; a JWT of a gateway needs some of it. */
export const HEAD_BYTES_MAX = 64 * 1024;
/** Header fields of one request. */
export const HEADERS_MAX = 128;
/** Path and query. Longer addresses are made by programs, and most servers refuse them too. */
export const TARGET_CHARS_MAX = 16 * 1024;
/** From the first byte of a request to the end of its head: slower is a slowloris. */
export const HEAD_MS = 20_000;
/** A kept connection on which nothing is asked. */
export const KEPT_MS = 65_000;
/** Bytes of a body that are read to see its fields: forms and API calls. Longer ones pass unread. */
export const FIELDS_BYTES_MAX = 256 * 1024;
/** A body that is kept while its request is held; beyond this the request is refused, nothing is sent. */
export const HELD_BYTES_MAX = 64 * 1024 * 1024;
/** Of it in memory; the rest waits in a file without a name. */
export const HELD_MEMORY_BYTES_MAX = 512 * 1024;
/** Bodies kept at once in one session. */
export const HELD_REQUESTS_MAX = 16;
/** Requests of one session that wait at once, connection by connection. */
export const REQUESTS_MAX = 256;
/** A session in which nothing is asked. */
export const IDLE_SESSION_MS = 30 * 60_000;
/** How long an opened connection to the target may take to begin its answer. */
export const TARGET_HEAD_MS = 10 * 60_000;
/** Connections to the target of one session: a browser has six to a host, and some tens by HTTP/2. */
export const TARGET_CONNECTIONS_MAX = 32;
/** An answer to a question: a code, or a password. */
export const ANSWER_BYTES_MAX = 4 * 1024;
/** A field value that rules look at; longer ones are unknown to them. */
export const FIELD_CHARS_MAX = 4 * 1024;
/** Fields of one body or query that rules look at; more make the body unread. */
export const FIELDS_MAX = 512;
/** A body that grows this much when it is unpacked is a bomb: it passes as it is, and is not hashed. */
export const UNPACKED_RATIO_MAX = 1_000;
/** A message of a WebSocket that is kept: the whole of it stands in memory, on its way. */
export const SOCKET_MESSAGE_BYTES_MAX = 32 * 1024 * 1024;
/** A report of the script in pages: some hundred keys. */
export const KEY_REPORT_BYTES_MAX = 16 * 1024;
/** A report of a page that is looked at: its address and its title. */
export const VIEW_REPORT_BYTES_MAX = 64 * 1024;

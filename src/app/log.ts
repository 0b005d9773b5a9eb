import { destination, pino, stdTimeFunctions, type Level } from "pino";

/**
 * The operations log: JSON, one line an event, for those who run the sidecar. Every line has a stable
 * kebab-case `event` and ids; what people type and every secret stay out of it.
 */
export interface Log {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  error(event: string, facts?: LogFacts): void;
}
export type LogFacts = Readonly<Record<string, unknown>>;

export interface LogOptions {
  readonly level: Level | "silent";
  /** `parent`, `w0`, ...: which process speaks. */
  readonly role: string;
  /** Absent: stderr. A file is opened for appending by every process. */
  readonly file?: string;
}

export function createLog(options: LogOptions): Log {
  const to =
    options.file === undefined
      ? // Written before the call returns: a process that is killed has told why.
        destination({ fd: 2, sync: true })
      : destination({ dest: options.file, append: true, sync: true, mode: 0o600 });
  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid, role: options.role },
      timestamp: stdTimeFunctions.isoTime,
      messageKey: "message",
      formatters: { level: (label) => ({ level: label }) },
    },
    to,
  );
  return {
    info: (event, facts) => logger.info({ event, ...facts }),
    warn: (event, facts) => logger.warn({ event, ...facts }),
    error: (event, facts) => logger.error({ event, ...facts }),
  };
}

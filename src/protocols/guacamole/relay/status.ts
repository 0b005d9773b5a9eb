/** Status codes of the protocol (Guacamole manual, "Status codes"), as far as we say them ourselves. */
export const STATUS = {
  /** Something of our own is not as it should be. */
  serverError: 512,
  upstreamNotFound: 519,
  upstreamUnavailable: 520,
  /** Closed by whoever manages the session. */
  sessionClosed: 523,
  badRequest: 768,
  unauthorized: 769,
  forbidden: 771,
  timeout: 776,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

/** One thing the doctor looked at. */
export interface Finding {
  /** `info` is worth knowing, `warn` is doubtful, `bad` keeps the sidecar from doing its work. */
  readonly state: "fine" | "info" | "warn" | "bad";
  readonly subject: string;
  readonly detail: string;
  readonly mend?: string;
}

export function fine(subject: string, detail: string): Finding {
  return { state: "fine", subject, detail };
}

export function info(subject: string, detail: string): Finding {
  return { state: "info", subject, detail };
}

export function warn(subject: string, detail: string, mend: string): Finding {
  return { state: "warn", subject, detail, mend };
}

export function bad(subject: string, detail: string, mend: string): Finding {
  return { state: "bad", subject, detail, mend };
}

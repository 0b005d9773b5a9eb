/** What a request to the pages is answered with. */
export interface PageAnswer {
  readonly status: number;
  readonly type: "html" | "json" | "css" | "script" | "text";
  readonly body: string;
  /** Instead of the body: taken as fast as the browser reads it. */
  readonly stream?: PageStream;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PageStream {
  readonly text: AsyncIterable<string | Uint8Array>;
  /** Says nothing, so that what is quiet is not taken for dead. */
  readonly idle: string;
  /** The browser is gone, or the text is over. */
  close(): void;
}

export function htmlAnswer(body: string, status = 200): PageAnswer {
  return { status, type: "html", body };
}

export function jsonAnswer(body: unknown, status = 200): PageAnswer {
  return { status, type: "json", body: JSON.stringify(body) };
}

export function textAnswer(status: number, body: string): PageAnswer {
  return { status, type: "text", body: `${body}\n` };
}

/** After a form: the page is asked for anew, so that a reload sends nothing twice. */
export function seeOther(location: string, headers: PageAnswer["headers"] = {}): PageAnswer {
  return { status: 303, type: "text", body: "", headers: { ...headers, location } };
}

const MEDIA: Readonly<Record<PageAnswer["type"], string>> = {
  html: "text/html; charset=utf-8",
  json: "application/json; charset=utf-8",
  css: "text/css; charset=utf-8",
  script: "text/javascript; charset=utf-8",
  text: "text/plain; charset=utf-8",
};

/** Nothing inline, nothing from elsewhere, in nobody's frame; forms go back here only. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** With every answer. `same-origin` as referrer policy: without it browsers hide the origin of forms. */
export function headersOf(answer: PageAnswer, secure: boolean): Readonly<Record<string, string>> {
  return {
    "content-type": MEDIA[answer.type],
    ...(answer.stream === undefined
      ? { "content-length": String(Buffer.byteLength(answer.body)) }
      : {}),
    "content-security-policy": CONTENT_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()",
    ...(secure ? { "strict-transport-security": "max-age=31536000" } : {}),
    ...answer.headers,
  };
}

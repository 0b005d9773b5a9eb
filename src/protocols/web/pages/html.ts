import { escapeControls } from "../../../kernel/index.js";

/** Text as it can stand between tags and in quoted attributes, controls shown. */
export function escapeHtml(text: string): string {
  return escapeControls(text).replace(/[&<>"'`]/g, (one) => `&#${String(one.charCodeAt(0))};`);
}

/** A whole page of ours: no script, no picture, nothing from anywhere else. */
export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PageText {
  readonly status: number;
  readonly title: string;
  /** HTML, already escaped. */
  readonly content: string;
  readonly nonce: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The page asks again after so many seconds at this path. */
  readonly refresh?: { readonly seconds: number; readonly path: string };
}

/** The style is the page's own, named by a nonce, so that nothing that slips in could be one. */
export function pageOf(text: PageText): Page {
  const { status, title, content, nonce, refresh } = text;
  const again =
    refresh === undefined
      ? ""
      : `<meta http-equiv="refresh" content="${String(refresh.seconds)};url=${escapeHtml(refresh.path)}">`;
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'`,
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      ...text.headers,
    },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${again}<title>${escapeHtml(title)}</title><style nonce="${nonce}">${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1>${content}</main></body></html>\n`,
  };
}

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f4f6;color:#111827}main{max-width:34rem;margin:10vh auto;padding:2rem;background:#fff;border:1px solid #d1d5db;border-radius:.5rem}h1{font-size:1.25rem;margin:0 0 1rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{color:#6b7280}dd{margin:0;overflow-wrap:anywhere}.phrase{font-weight:700}.note{color:#b45309}label{display:block;margin:1rem 0 .25rem}input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}button{font:inherit;margin:1rem .5rem 0 0;padding:.5rem 1rem}";

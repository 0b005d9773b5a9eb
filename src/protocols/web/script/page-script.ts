import { headerOf } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import { OWN_FOLDER } from "../pages/pages.js";
import type { PageScript } from "../session/exchange.js";
import { newNonce } from "../session/stopped.js";
import { permitScript } from "./csp.js";
import { injectIntoHead } from "./head-injection.js";

/** A tag in pages that a browser loads, and what their policies have to permit for it. */
export function pageScript(page: {
  /** As the person calls it: `https://wiki.example`. */
  readonly origin: string;
  readonly prefix: string;
}): PageScript {
  const path = `${page.prefix}${OWN_FOLDER}`;
  return {
    change(fields) {
      if (!isPlainHtml(fields)) return null;
      const nonce = newNonce();
      const kept = fields.flatMap((field): readonly HeaderField[] => {
        const [name, value] = field;
        if (!POLICIES.has(name)) return CHANGED.has(name) ? [] : [field];
        return [[name, permitScript(value, { folder: `${page.origin}${path}`, nonce })]];
      });
      const named = kept.some(([name, value]) => POLICIES.has(name) && value.includes(nonce));
      const tag = `<script async src="${path}script.js" nonce="${nonce}"></script>`;
      return {
        // A page that comes from a cache would have a nonce that its policy does not know.
        fields: named ? [...kept, ["cache-control", "no-store"]] : kept,
        change: injectIntoHead(tag),
      };
    },
  };
}

const POLICIES: ReadonlySet<string> = new Set([
  "content-security-policy",
  "content-security-policy-report-only",
]);
/** These speak of the bytes as they were. */
const CHANGED: ReadonlySet<string> = new Set([
  "content-length",
  "etag",
  "last-modified",
  "accept-ranges",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
]);

/** In an encoding that has ASCII at its places, and not packed. */
function isPlainHtml(fields: readonly HeaderField[]): boolean {
  const type = headerOf(fields, "content-type") ?? "";
  const coding = headerOf(fields, "content-encoding");
  return (
    /^\s*text\/html\b/i.test(type) &&
    !/charset\s*=\s*"?utf-?(?:16|32)/i.test(type) &&
    (coding === undefined || coding === "identity") &&
    !/^\s*attachment\b/i.test(headerOf(fields, "content-disposition") ?? "")
  );
}

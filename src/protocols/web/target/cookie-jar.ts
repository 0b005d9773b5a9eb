/**
 * Cookies of the target that the sidecar holds for the person: those that the log-in form gave, and what
 * the target makes of them later. The person's browser never has them, so that they can not be taken away.
 */
export interface CookieJar {
  /** True: this cookie is held here, and is not for the browser. */
  take(setCookie: string): boolean;
  /** All cookies that a log-in has given. */
  fill(setCookies: readonly string[]): void;
  /** The `Cookie` header, with the browser's own behind ours. */
  header(fromBrowser: string | undefined): string | undefined;
  clear(): void;
  readonly empty: boolean;
}

/** An application has a handful. */
const COOKIES_MAX = 64;

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, string>();

  function put(setCookie: string): void {
    const pair = setCookie.split(";", 1)[0] ?? "";
    const equals = pair.indexOf("=");
    if (equals <= 0) return;
    const name = pair.slice(0, equals).trim();
    const gone = /;\s*max-age\s*=\s*(?:0|-\d+)\s*(?:;|$)/i.test(setCookie);
    if (gone) cookies.delete(name);
    else if (cookies.size < COOKIES_MAX || cookies.has(name)) {
      cookies.set(name, pair.slice(equals + 1).trim());
    }
  }

  const nameOf = (setCookie: string): string => (setCookie.split("=", 1)[0] ?? "").trim();

  return {
    take(setCookie) {
      if (!cookies.has(nameOf(setCookie))) return false;
      put(setCookie);
      return true;
    },
    fill(setCookies) {
      for (const one of setCookies) put(one);
    },
    header(fromBrowser) {
      if (cookies.size === 0) return fromBrowser;
      const ours = [...cookies].map(([name, value]) => `${name}=${value}`);
      const theirs = (fromBrowser ?? "")
        .split(";")
        .map((one) => one.trim())
        .filter((one) => one !== "" && !cookies.has(nameOf(one)));
      return [...ours, ...theirs].join("; ");
    },
    clear: () => cookies.clear(),
    get empty() {
      return cookies.size === 0;
    },
  };
}

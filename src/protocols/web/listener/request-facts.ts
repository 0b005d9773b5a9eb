import { headerOf } from "../head/header-fields.js";
import type { RequestHead } from "../head/request-head.js";
import { OWN_FOLDER } from "../pages/pages.js";

/** All cookies of a request; by HTTP/2 they may come in several fields. */
export function cookieHeader(head: RequestHead): string | undefined {
  let all: string | undefined;
  for (const [name, value] of head.headers) {
    if (name === "cookie") all = all === undefined ? value : `${all}; ${value}`;
  }
  return all;
}

/** Where a session begins: a path of the application, and nothing that leads elsewhere. */
export function openedPath(head: RequestHead): string {
  const to = new URLSearchParams(head.query ?? "").get("to") ?? "/";
  // Browsers leave out tabs and line ends, wherever they stand.
  return /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(to) && !to.startsWith(OWN_FOLDER) ? to : "/";
}

/** By what browsers say of their own accord; `strict`: who says nothing is no browser of ours. */
export function isSameOrigin(head: RequestHead, secure: boolean, lenient: boolean): boolean {
  const site = headerOf(head.headers, "sec-fetch-site");
  const origin = headerOf(head.headers, "origin");
  const own = `${secure ? "https" : "http"}://${head.authority}`;
  if (origin !== undefined && origin !== "null") return origin.toLowerCase() === own;
  if (site !== undefined) return site === "same-origin" || (lenient && site === "none");
  return lenient;
}

import { REMEMBERED_MAX } from "../limits.js";
import { resolvePath } from "../words/path.js";
import type { Field } from "../words/text.js";
import type { Link } from "../analyse.js";
import { locate, type Scope } from "./scope.js";

/** Links followed on the way to one file, as systems do it. */
const HOPS_MAX = 16;

/**
 * Where a path leads that goes over links, moved folders and mounts of this session; the path itself
 * where none of them stands in its way. `whole`: a link at its end is followed, too.
 */
export function throughLinks(scope: Scope, path: string, whole: boolean): string {
  const wanted = whole || /\/\.?$/.test(path);
  let at = locate(scope, path);
  for (let hop = 0; hop < HOPS_MAX; hop++) {
    const next = oneHop(scope, at, wanted);
    if (next === null) return at;
    at = next;
  }
  return at;
}

/** True when anything could stand in the way of a path: most sessions never make a link. */
export function hasLinks(scope: Scope, words: readonly Field[]): boolean {
  return (
    scope.links.size > 0 ||
    (scope.knowledge.shell?.links.size ?? 0) > 0 ||
    words.some((one) => one.text.includes("/proc/"))
  );
}

function oneHop(scope: Scope, at: string, whole: boolean): string | null {
  const process = PROCESS_LINK.exec(at);
  if (process !== null) {
    const rest = process[2] ?? "";
    if (process[1] === "root") return rest === "" ? "/" : rest;
    return scope.place.startsWith("?") ? null : resolvePath(`.${rest}`, { cwd: scope.place });
  }
  for (let end = at.indexOf("/", 1); end !== 0; end = at.indexOf("/", end + 1)) {
    const part = end < 0 ? at : at.slice(0, end);
    const link = linkAt(scope, part);
    if (link !== undefined && (end >= 0 || whole || link.whole))
      return resolvePath(end < 0 ? link.to : `${link.to}${at.slice(end)}`, {});
    if (end < 0) return null;
  }
  return null;
}

/** `/proc/self/root` is the root of the process, `/proc/self/cwd` where it stands. */
const PROCESS_LINK = /^\/proc\/(?:self|thread-self|\d+)\/(root|cwd)(\/.*)?$/;

function linkAt(scope: Scope, at: string): Link | undefined {
  const own = scope.links.get(at);
  if (own !== undefined) return own ?? undefined;
  return scope.knowledge.shell?.links.get(at);
}

function setLink(scope: Scope, at: string, link: Link | null): void {
  if (link !== null && scope.links.size >= REMEMBERED_MAX) return;
  scope.links.set(at, link);
}

/** `ln -s A B`: a link that leads nowhere else than to itself is none. */
export function linkTo(scope: Scope, from: Field, to: Field): void {
  if (!from.known || !to.known || from.text === "") return;
  const name = from.text.replace(/\/+$/, "").replace(/^.*\//, "");
  const at = locate(scope, isFolder(scope, to.text) ? `${to.text}/${name}` : to.text);
  // A relative target starts from the folder of the link.
  const cwd = at.includes("/") ? at.slice(0, Math.max(1, at.lastIndexOf("/"))) : scope.place;
  const target = resolvePath(from.text, { cwd, home: scope.knowledge.home });
  setLink(scope, at, target === at ? null : { to: target, whole: false });
}

/** `mv A B`: what is B now was A, and is as worth protecting. */
export function movedTo(scope: Scope, from: Field, to: Field): void {
  if (!from.known || !to.known || from.glob) return;
  const name = from.text.replace(/\/+$/, "").replace(/^.*\//, "");
  const source = locate(scope, from.text);
  const at = locate(scope, isFolder(scope, to.text) ? `${to.text}/${name}` : to.text);
  const link = linkAt(scope, source);
  const was = link ?? { to: throughLinks(scope, from.text, false), whole: true };
  setLink(scope, source, null);
  setLink(scope, at, was.to === at ? null : was);
}

/** `mount --bind A B`, `docker run -v A:B`: what is below B is what is below A. */
export function mountAt(scope: Scope, from: string, to: string): void {
  const target = throughLinks(scope, from, true);
  const at = locate(scope, to);
  setLink(scope, at, target === at ? null : { to: target, whole: true });
}

export function unlinkAt(scope: Scope, path: string): void {
  const at = locate(scope, path);
  if (linkAt(scope, at) !== undefined) setLink(scope, at, null);
}

/** Whether a target is a folder can not be seen: these are, and so is where the shell stands. */
export function isFolder(scope: Scope, path: string): boolean {
  if (path.endsWith("/") || /(?:^|\/)\.{1,2}$/.test(path)) return true;
  const at = locate(scope, path);
  return FOLDERS.has(at) || scope.place === at || scope.place.startsWith(`${at}/`);
}

const FOLDERS: ReadonlySet<string> = new Set(
  (
    "/ ~ /bin /boot /dev /dev/shm /etc /home /lib /media /mnt /opt /root /run /sbin /srv /tmp /usr " +
    "/usr/bin /usr/local /usr/local/bin /usr/local/sbin /usr/sbin /var /var/lib /var/log /var/tmp /var/www"
  ).split(" "),
);

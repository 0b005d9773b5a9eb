/**
 * Resolves a path as the target would, without looking at it: `~`, `.`, `..`, doubled slashes and,
 * when it is relative, the current directory. A relative path without a known directory stays
 * relative; `..` above the root stays at the root.
 */
export function resolvePath(
  path: string,
  { cwd, home }: { readonly cwd?: string | undefined; readonly home?: string | undefined },
): string {
  let full = path;
  if (home !== undefined && (path === "~" || path.startsWith("~/"))) full = home + path.slice(1);
  if (!full.startsWith("/") && !full.startsWith("~") && cwd !== undefined) full = `${cwd}/${full}`;
  if (isPlain(full)) return full;
  const absolute = full.startsWith("/");
  // What is above a home directory or a place that is not known can not be known either.
  const fixed = full.startsWith("~") || (full !== path && full.startsWith("?")) ? 1 : 0;
  const out: string[] = [];
  for (const part of full.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") out.push(part);
    else if (out.length > fixed && out.at(-1) !== "..") out.pop();
    else if (!absolute) out.push(part);
  }
  const joined = out.join("/");
  return absolute ? `/${joined}` : aboveHome(joined);
}

/** Homes are /root or /home/NAME: two levels above them is the root. */
function aboveHome(path: string): string {
  const above =
    /^~[^/]*\/\.\.\/\.\.(?=\/|$)(?:\/\.\.(?=\/|$))*/.exec(path) ?? BESIDE_ROOT.exec(path);
  if (above === null) return path === "" ? "." : path;
  return path === above[0] ? "/" : path.slice(above[0].length);
}

/** One level above: no home of another is called like a folder of the system, nor is a pattern one. */
const BESIDE_ROOT =
  /^~[^/]*\/\.\.(?=\/(?:bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var|[^/]*[*?[][^/]*)(?:\/|$)|$)/;

/** Nothing to resolve: no empty, `.` or `..` part. */
function isPlain(path: string): boolean {
  return !/(?:^|\/)(?:\.{0,2})(?:\/|$)/.test(path.startsWith("/") ? path.slice(1) : path);
}

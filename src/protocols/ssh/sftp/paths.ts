import { decodeUtf8 } from "../../../kernel/index.js";

/** A path as bytes, because a name on the target need not be text. */
export type RawPath = Uint8Array;

const SLASH = 0x2f;
const DOT = 0x2e;
const HERE = Uint8Array.of(DOT);

export const pathText = (path: RawPath): string => decodeUtf8(path);

/**
 * What of a path has to be resolved when its last name is the thing itself and is not followed (`remove`
 * of a link removes the link), and the name that follows it. A path that ends in `.` or `..` has no such
 * name.
 */
export function splitLast(path: RawPath): { readonly parent: RawPath; readonly name: RawPath } {
  let end = path.length;
  while (end > 1 && path[end - 1] === SLASH) end -= 1;
  const at = path.subarray(0, end).lastIndexOf(SLASH);
  const name = path.subarray(at + 1, end);
  const dots = name.length <= 2 && name.every((byte) => byte === DOT);
  if (dots) return { parent: path, name: new Uint8Array(0) };
  const parent = at < 0 ? HERE : at === 0 ? path.subarray(0, 1) : path.subarray(0, at);
  return { parent, name };
}

/** What a symbolic link at `link` leads to, as a path that can be resolved. */
export function linkTarget(link: RawPath, to: RawPath): RawPath {
  if (to[0] === SLASH) return to;
  const { parent } = splitLast(link);
  const out = new Uint8Array(parent.length + 1 + to.length);
  out.set(parent);
  out[parent.length] = SLASH;
  out.set(to, parent.length + 1);
  return out;
}

export function joined(folder: string, name: RawPath): string {
  if (name.length === 0) return folder;
  return `${folder === "/" ? "" : folder}/${decodeUtf8(name)}`;
}

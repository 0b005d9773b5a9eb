import { bodyKind } from "../body/fields.js";
import { watchFile, watchForm, type FileWatch, type TellFile } from "../body/file-watch.js";
import type { HeldBody } from "../body/held-body.js";
import type { Taken } from "../body/taken.js";
import { headerOf } from "../head/header-fields.js";
import type { HeaderField } from "../head/request-head.js";
import { maskedPath } from "../log/masked-path.js";
import type { Incoming, Understood } from "./incoming.js";

/** What goes on to the target: a body that is still on its way, one that was kept, or none. */
export type Body =
  | { readonly type: "none" }
  | { readonly type: "coming"; readonly taken: Taken }
  | { readonly type: "held"; readonly held: HeldBody };

export function bodyOf({ body }: Understood): Body {
  return body === null ? { type: "none" } : { type: "coming", taken: body };
}

export function drop(body: Body): void {
  if (body.type === "held") body.held.drop();
}

/** As the person says it; of what was read or kept whole, as it is. */
export function lengthOf(headers: readonly HeaderField[], body: Body): number | null | undefined {
  switch (body.type) {
    case "none":
      return headerOf(headers, "content-length") === "0" ? 0 : null;
    case "held":
      return body.held.bytes;
    case "coming": {
      if (body.taken.ended) return body.taken.bytes.length;
      const length = headerOf(headers, "content-length");
      return length === undefined ? undefined : Number(length);
    }
  }
}

/** Files of forms, and bodies that are one; null: it is neither. */
export function watchUpload({ head, path }: Incoming, tell: TellFile): FileWatch | null {
  const contentType = headerOf(head.headers, "content-type");
  if (bodyKind(contentType) === "multipart") return watchForm(contentType ?? "", tell);
  const file = head.method === "PUT" || contentType === "application/octet-stream";
  if (!file || bodyKind(contentType) !== null) return null;
  const encoding = headerOf(head.headers, "content-encoding");
  return watchFile({ direction: "upload", path: maskedPath(path.plain), encoding }, tell);
}

/** What a browser saves as a file, and not what it shows. */
export function isDownload(fields: readonly HeaderField[]): boolean {
  if (/^\s*attachment\b/i.test(headerOf(fields, "content-disposition") ?? "")) return true;
  const type = headerOf(fields, "content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  return /^application\/(?:octet-stream|zip|gzip|x-tar|x-7z-compressed|x-bzip2|x-xz|vnd\.debian\.binary-package|x-iso9660-image|java-archive)$/.test(
    type,
  );
}

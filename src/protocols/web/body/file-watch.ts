import { createHash, type Hash } from "node:crypto";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  type BrotliDecompress,
  type Gunzip,
  type Inflate,
} from "node:zlib";
import type { WebFile } from "../../../model/index.js";
import { UNPACKED_RATIO_MAX } from "../limits.js";
import { maskedText } from "../log/masked-text.js";
import { boundaryOf, createMultipartScanner } from "./multipart.js";

/** Looks at a body while it passes, and tells the files in it. */
export interface FileWatch {
  feed(bytes: Uint8Array): void;
  /** `whole`: the body has passed to its end. Resolves when everything is told. */
  end(whole: boolean): Promise<void>;
}

export type TellFile = (file: WebFile) => void;

/** A whole body that is one file: a download, or an upload by PUT. */
export function watchFile(
  facts: Pick<WebFile, "direction" | "path"> & { readonly encoding: string | undefined },
  tell: TellFile,
): FileWatch {
  const { direction, path } = facts;
  const hashed = createUnpackedHash(facts.encoding);
  return {
    feed: (bytes) => hashed.feed(bytes),
    async end(whole) {
      const { bytes, sha256 } = await hashed.end();
      const outcome = whole ? "passed" : "cut-off";
      tell({ direction, path, bytes, outcome, ...(whole && sha256 !== null ? { sha256 } : {}) });
    },
  };
}

/** The files of a form; null when the content type names no boundary. */
export function watchForm(contentType: string, tell: TellFile): FileWatch | null {
  const boundary = boundaryOf(contentType);
  if (boundary === null) return null;
  let current: { readonly path: string; readonly hash: Hash; bytes: number } | null = null;

  function close(whole: boolean): void {
    if (current === null) return;
    const { path, hash, bytes } = current;
    current = null;
    // Browsers send a file field in which nothing was chosen as an empty file without a name.
    if (path === "" && bytes === 0) return;
    const outcome = whole ? "passed" : "cut-off";
    tell({
      direction: "upload",
      path,
      bytes,
      outcome,
      ...(whole ? { sha256: hash.digest("hex") } : {}),
    });
  }

  const scanner = createMultipartScanner(boundary, {
    begin({ filename }) {
      if (filename !== undefined) {
        current = { path: maskedText(filename), hash: createHash("sha256"), bytes: 0 };
      }
    },
    data(bytes) {
      if (current === null) return;
      current.hash.update(bytes);
      current.bytes += bytes.length;
    },
    end: () => close(true),
  });
  return {
    feed: (bytes) => void scanner.feed(bytes),
    end() {
      close(false);
      return Promise.resolve();
    },
  };
}

interface UnpackedHash {
  feed(bytes: Uint8Array): void;
  /** `sha256` null: it could not be unpacked, or is a bomb. */
  end(): Promise<{ readonly bytes: number; readonly sha256: string | null }>;
}

/** Of what the person saves: without the content coding of the transport. */
function createUnpackedHash(encoding: string | undefined): UnpackedHash {
  const hash = createHash("sha256");
  const unpacker = unpackerOf(encoding);
  let packed = 0;
  let bytes = 0;
  let lost = unpacker === "unknown";
  if (unpacker === null || unpacker === "unknown") {
    return {
      feed(piece) {
        hash.update(piece);
        bytes += piece.length;
      },
      end: () => Promise.resolve({ bytes, sha256: lost ? null : hash.digest("hex") }),
    };
  }
  const ended = new Promise<void>((resolve) => {
    unpacker.on("data", (piece: Buffer) => {
      hash.update(piece);
      bytes += piece.length;
      if (bytes > RATIO_FREE_BYTES && bytes > packed * UNPACKED_RATIO_MAX) {
        lost = true;
        unpacker.destroy();
      }
    });
    unpacker.on("error", () => (lost = true));
    unpacker.on("close", resolve);
  });
  return {
    feed(piece) {
      packed += piece.length;
      // What waits inside is bounded by the ratio: a piece is at most some 64 KiB.
      if (!unpacker.destroyed) unpacker.write(piece);
    },
    async end() {
      if (!unpacker.destroyed) unpacker.end();
      await ended;
      return { bytes, sha256: lost ? null : hash.digest("hex") };
    },
  };
}

/** The first zeros of an honest file may well be this much. */
const RATIO_FREE_BYTES = 16 * 1024 * 1024;

function unpackerOf(
  encoding: string | undefined,
): Gunzip | Inflate | BrotliDecompress | null | "unknown" {
  switch (encoding?.trim().toLowerCase() ?? "identity") {
    case "identity":
    case "":
      return null;
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    default:
      return "unknown";
  }
}

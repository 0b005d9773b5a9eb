import type { Exit } from "../../../model/index.js";
import { createReader } from "./reader.js";
import { encodeWire } from "./writer.js";

/** `exit-status` or `exit-signal` (RFC 4254 section 6.10); null for any other or a malformed request. */
export function readExit(type: string, body: Uint8Array): Exit | null {
  const reader = createReader(body);
  const exit = exitOf(type, reader);
  return reader.failed ? null : exit;
}

function exitOf(type: string, reader: ReturnType<typeof createReader>): Exit | null {
  switch (type) {
    case "exit-status":
      return { type: "code", code: reader.uint32() };
    case "exit-signal":
      return {
        type: "signal",
        signal: reader.text(),
        coreDumped: reader.boolean(),
        message: reader.text(),
      };
    default:
      return null;
  }
}

/** Null when there is nothing to tell. */
export function encodeExit(
  exit: Exit,
): { readonly type: string; readonly body: Uint8Array } | null {
  switch (exit.type) {
    case "none":
      return null;
    case "code":
      return { type: "exit-status", body: encodeWire({ uint32: exit.code }) };
    case "signal":
      return {
        type: "exit-signal",
        body: encodeWire(
          { string: exit.signal },
          { boolean: exit.coreDumped },
          { string: exit.message },
          { string: "" },
        ),
      };
  }
}

/**
 * How a stream is cut into messages (RFC 6587): `octet-counting` writes the length before each, and is
 * all that RFC 5425 (TLS) knows; `newline` is for old receivers, and safe because no message of ours
 * holds one.
 */
export type Framing = "octet-counting" | "newline";

export function frame(message: string, framing: Framing): Buffer {
  const text = Buffer.from(message, "utf8");
  return framing === "newline"
    ? Buffer.concat([text, NEWLINE])
    : Buffer.concat([Buffer.from(`${text.length} `, "latin1"), text]);
}

const NEWLINE = Buffer.from("\n");

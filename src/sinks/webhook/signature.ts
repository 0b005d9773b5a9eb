import { createHmac } from "node:crypto";

/**
 * The signature of a request, as https://www.standardwebhooks.com has it: HMAC-SHA256 over
 * `<id>.<timestamp>.<body>`, base64, prefixed with its version. The receiver computes it again,
 * compares in constant time, refuses timestamps too far from its own clock, and remembers the ids of
 * that time: then neither a changed nor a repeated request is taken.
 */
export function signWebhook(
  key: Uint8Array,
  {
    id,
    timestamp,
    body,
  }: { readonly id: string; readonly timestamp: number; readonly body: string },
): string {
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${mac}`;
}

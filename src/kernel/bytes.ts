/**
 * The same bytes as a plain Uint8Array. Node's Buffer is a Uint8Array whose `slice` shares memory
 * instead of copying: a core that slices to keep a copy would keep, and wipe, the network's own bytes.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

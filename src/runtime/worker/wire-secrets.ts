import { Secret } from "../../kernel/index.js";

/** A message that may hold secrets, in the form that a channel between processes can copy. */
export interface PackedMessage {
  readonly message: unknown;
  /** Overwrites our copies, after the channel has taken its own. */
  wipe(): void;
}

/** The key under which a secret travels; no noun of ours has such a field. */
const SECRET_KEY = "$secret";
/** Deeper is no message of ours. */
const DEPTH_MAX = 12;

/**
 * Replaces every `Secret` by its bytes, because a class instance does not survive the copy. What the
 * platform's own buffers keep of a sent message is beyond our reach (known limit).
 */
export function packMessage(value: unknown): PackedMessage {
  const copies: Uint8Array[] = [];
  const message = mapDeep(value, 0, (leaf) => {
    if (!(leaf instanceof Secret)) return leaf;
    const bytes = leaf.reveal((lent) => new Uint8Array(lent));
    copies.push(bytes);
    return { [SECRET_KEY]: bytes };
  });
  return {
    message,
    wipe() {
      for (const bytes of copies) bytes.fill(0);
    },
  };
}

/** The inverse: the secrets of the result belong to the receiver, who wipes them. */
export function unpackMessage(message: unknown): unknown {
  return mapDeep(message, 0, (leaf) => leaf);
}

/** Wipes every secret of a message that has been dealt with. */
export function wipeSecrets(value: unknown): void {
  mapDeep(value, 0, (leaf) => {
    if (leaf instanceof Secret) leaf.wipe();
    return leaf;
  });
}

/** What holds nothing that changes is answered as it is: most messages hold no secret at all. */
function mapDeep(value: unknown, depth: number, leaf: (value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return value;
  if (value instanceof Secret || ArrayBuffer.isView(value)) return leaf(value);
  if (Array.isArray(value)) {
    const mapped = value.map((one) => mapDeep(one, depth + 1, leaf));
    return mapped.some((one, index) => one !== value[index]) ? mapped : value;
  }
  if (SECRET_KEY in value && value[SECRET_KEY] instanceof Uint8Array) {
    return leaf(new Secret(value[SECRET_KEY]));
  }
  // Messages are plain objects of nouns.
  const fields = value as Readonly<Record<string, unknown>>;
  let changed: Record<string, unknown> | null = null;
  for (const key of Object.keys(fields)) {
    const mapped = mapDeep(fields[key], depth + 1, leaf);
    if (mapped !== fields[key]) (changed ??= { ...fields })[key] = mapped;
  }
  return changed ?? value;
}

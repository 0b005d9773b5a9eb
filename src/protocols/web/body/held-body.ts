import { randomUUID } from "node:crypto";
import { open, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describeError, err, fault, type Fault, ok, type Result } from "../../../kernel/index.js";
import { HELD_BYTES_MAX, HELD_MEMORY_BYTES_MAX } from "../limits.js";

/** A body that was taken from the person and waits until its request is released. */
export interface HeldBody {
  readonly bytes: number;
  /** May be asked once. */
  stream(): Readable;
  /** Gives memory and disk back; also after `stream`. */
  drop(): void;
}

/**
 * Takes a whole body: the beginning in memory, the rest in a file (0600) that has no name any more as
 * soon as it is open, so that nothing is left of it whatever happens. Too long: a fault, nothing is kept.
 */
export async function holdBody(
  source: AsyncIterable<Uint8Array>,
  folder: string,
  bytesMax = HELD_BYTES_MAX,
): Promise<Result<HeldBody, Fault>> {
  const memory: Uint8Array[] = [];
  let inMemory = 0;
  let bytes = 0;
  let file: FileHandle | null = null;
  const drop = (): void => {
    memory.length = 0;
    const opened = file;
    file = null;
    void opened?.close().catch(() => undefined); // the descriptor goes with the process otherwise
  };
  try {
    for await (const piece of source) {
      bytes += piece.length;
      if (bytes > bytesMax) {
        drop();
        return err(
          fault("CHP_WEB_TOO_LARGE", `a body of more than ${bytesMax} bytes can not be held`),
        );
      }
      if (file === null && inMemory + piece.length <= HELD_MEMORY_BYTES_MAX) {
        memory.push(Uint8Array.from(piece));
        inMemory += piece.length;
      } else {
        file ??= await openNameless(folder);
        await file.writeFile(piece);
      }
    }
  } catch (error) {
    drop();
    const why = describeError(error);
    return err(fault("CHP_WEB_TOO_LARGE", `a body could not be held: ${why}`));
  }
  return ok({
    bytes,
    stream: () => Readable.from(pieces(memory, () => file)),
    drop,
  });
}

async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.held-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}

const READ_BYTES = 64 * 1024;

async function* pieces(
  memory: readonly Uint8Array[],
  file: () => FileHandle | null,
): AsyncGenerator<Uint8Array> {
  yield* [...memory];
  let position = 0;
  for (;;) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const read = await file()?.read(buffer, 0, READ_BYTES, position);
    if (read === undefined || read.bytesRead === 0) return;
    position += read.bytesRead;
    yield buffer.subarray(0, read.bytesRead);
  }
}

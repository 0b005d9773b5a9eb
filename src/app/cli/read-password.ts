import type { ReadStream } from "node:tty";
import { err, ok, Secret, type Result } from "../../kernel/index.js";

/** Longer is no password; what is after it is not read. */
const PASSWORD_BYTES_MAX = 1_024;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
const CTRL_U = 0x15;

/** On a terminal: asked twice, nothing shown. Else: the first line of the stream. */
export async function readPassword(
  input: ReadStream | NodeJS.ReadStream,
  prompt: NodeJS.WriteStream,
): Promise<Result<Secret, string>> {
  if (!input.isTTY) return firstLine(input);
  prompt.write("Password: ");
  const first = await typedLine(input);
  prompt.write("\nOnce more: ");
  const second = first === null ? null : await typedLine(input);
  prompt.write("\n");
  if (first === null || second === null) return err("given up");
  const same = Buffer.from(first).equals(second);
  second.fill(0);
  if (!same) {
    first.fill(0);
    return err("the two were not the same");
  }
  return checked(first);
}

async function firstLine(input: NodeJS.ReadStream): Promise<Result<Secret, string>> {
  const bytes: number[] = [];
  for await (const chunk of input) {
    for (const byte of Buffer.from(chunk as Uint8Array)) {
      // `chunk` is a Buffer: no encoding is set on stdin.
      if (byte === 0x0a) return checked(withoutReturn(bytes));
      bytes.push(byte);
      if (bytes.length > PASSWORD_BYTES_MAX + 1) return err("a password has 1 to 1024 bytes");
    }
  }
  return checked(withoutReturn(bytes));
}

function withoutReturn(bytes: readonly number[]): Uint8Array {
  return Uint8Array.from(bytes.at(-1) === 0x0d ? bytes.slice(0, -1) : bytes);
}

function checked(bytes: Uint8Array): Result<Secret, string> {
  return bytes.length >= 1 && bytes.length <= PASSWORD_BYTES_MAX
    ? ok(new Secret(bytes))
    : err("a password has 1 to 1024 bytes");
}

/** Bytes up to Enter with the terminal in raw mode; null when the person gives up. */
function typedLine(input: NodeJS.ReadStream): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    let bytes: number[] = [];
    const finish = (line: Uint8Array | null) => {
      input.off("data", onData);
      input.setRawMode(false);
      input.pause();
      resolve(line);
    };
    const onData = (chunk: Buffer) => {
      for (const byte of chunk) {
        if (byte === 0x0d || byte === 0x0a) {
          finish(Uint8Array.from(bytes));
          return;
        }
        if (byte === CTRL_C || byte === CTRL_D) {
          finish(null);
          return;
        }
        if (byte === CTRL_U) bytes = [];
        else if (byte === BACKSPACE || byte === DELETE) bytes = withoutLastCharacter(bytes);
        else if (bytes.length <= PASSWORD_BYTES_MAX) bytes.push(byte);
      }
    };
    input.setRawMode(true);
    input.on("data", onData);
    input.resume();
  });
}

/** UTF-8 continuation bytes (10xxxxxx) belong to the character before them. */
function withoutLastCharacter(bytes: readonly number[]): number[] {
  let end = bytes.length - 1;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.slice(0, Math.max(end, 0));
}

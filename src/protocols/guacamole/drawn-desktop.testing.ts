import type { Instruction } from "../../model/index.js";
import type { Desktop, DesktopBehind, Voice } from "./fake-guacd.testing.js";
import { drawText } from "./overlay/picture.js";

/**
 * A desktop with one window, in which a shell waits: what is typed is drawn as guacd draws, as pictures in
 * a stream; the clipboard that comes is held, `copied` sends one, and files are taken.
 */
export const drawnDesktop: Desktop = (to) => new DrawnDesktop(to);

const WIDTH = 1024;
const HEIGHT = 768;
const COLUMNS = 60;
const ROWS_MAX = 12;
const WINDOW = { x: 60, y: 60 };
const BACKGROUND = [24, 96, 112, 255] as const;
const COLOURS = { paper: [250, 250, 250], ink: [20, 20, 20] } as const;
/** guacd's streams of an user count from 0, upwards. */
const STREAM = 2;
const BLOB_BYTES = 6_048;
const RETURN = 0xff0d;
const BACKSPACE = 0xff08;
const FIRST_FRAME = 1_000;
/** guacd's clock, as if somebody typed. */
const FRAME_MS = 40;

class DrawnDesktop implements DesktopBehind {
  readonly #to: Voice;
  readonly #seenBy: Voice[] = [];
  readonly #lines: string[] = ["C:\\> "];
  #frame = FIRST_FRAME;

  constructor(to: Voice) {
    this.#to = to;
    this.joins(to);
  }

  joins(to: Voice): void {
    this.#seenBy.push(to);
    to.say("size", 0, WIDTH, HEIGHT);
    to.say("rect", 0, 0, 0, WIDTH, HEIGHT);
    to.say("cfill", 14, 0, ...BACKGROUND);
    this.#draw();
  }

  hears({ opcode, args }: Instruction): void {
    if (opcode === "key" && args[1] === "1") this.#key(Number(args[0]));
    else if (opcode === "file" || opcode === "clipboard")
      this.#to.say("ack", args[0] ?? "", "OK", 0);
    else if (opcode === "blob") this.#to.say("ack", args[0] ?? "", "OK", 0);
  }

  #key(keysym: number): void {
    const line = this.#lines.at(-1) ?? "";
    if (keysym === RETURN) {
      this.#lines.push("C:\\> ");
      if (this.#lines.length > ROWS_MAX) this.#lines.shift();
    } else if (keysym === BACKSPACE) this.#lines[this.#lines.length - 1] = line.slice(0, -1);
    else if (keysym >= 0x20 && keysym < 0x7f) {
      this.#lines[this.#lines.length - 1] = line + String.fromCharCode(keysym);
    } else return;
    this.#draw();
  }

  #draw(): void {
    const rows = [...this.#lines, ...Array<string>(ROWS_MAX - this.#lines.length).fill("")];
    const { png } = drawText(rows, COLUMNS, COLOURS);
    this.#frame += FRAME_MS;
    for (const one of this.#seenBy) if (!one.closed) this.#drawFor(one, png);
  }

  #drawFor(to: Voice, png: Uint8Array): void {
    to.say("img", STREAM, 14, 0, "image/png", WINDOW.x, WINDOW.y);
    for (let start = 0; start < png.length; start += BLOB_BYTES) {
      const part = Buffer.from(png.subarray(start, start + BLOB_BYTES)).toString("base64");
      to.say("blob", STREAM, part);
    }
    to.say("end", STREAM);
    to.say("sync", this.#frame);
  }
}

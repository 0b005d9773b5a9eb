import { encodeUtf8, micros } from "../../kernel/index.js";
import type { LineReading, PtyFacts } from "../../model/index.js";
import { createTypedLine } from "./create-typed-line.js";
import type { Launched } from "./typed-line.js";

/**
 * A typed line without any shell: the test says what the target prints and when. Enter is read and
 * released as the gate does it.
 */
export function transcript(pty: Partial<PtyFacts> = {}) {
  const line = createTypedLine({ pty: { ...PTY, ...pty } });
  const readings: LineReading[] = [];
  let at = 0;

  function launched(reading: LineReading): Launched {
    const program = reading.text.trim().split(/\s+/)[0] ?? "";
    const programs = program === "" ? [] : [program];
    return reading.hidden
      ? { unseen: true, programs, complete: true }
      : {
          text: reading.text,
          ...(reading.confidence < CERTAIN_FROM ? { doubtful: true as const } : {}),
          ...(reading.endUnsure === true ? { endUnsure: true as const } : {}),
          programs,
          complete: reading.text.split("'").length % 2 === 1,
        };
  }

  return {
    readings,
    wait(ms: number): void {
      at += ms * 1_000;
    },
    prints(text: string): void {
      at += 1_000;
      line.printed(encodeUtf8(text), micros(at));
    },
    /** Types; what a line submits is read at once, settled or not, or when `shown` has been printed. */
    types(text: string, shown = ""): void {
      at += 1_000;
      const bytes = encodeUtf8(text);
      for (let i = 0; i < bytes.length; i += 1) {
        for (const run of line.decode(bytes.subarray(i, i + 1))) {
          if (run.kind === "submit") {
            if (shown !== "") this.prints(shown);
            const reading = line.read(run);
            readings.push(reading);
            line.released(run, micros(at), launched(reading));
          } else line.pressed(run, micros(at));
        }
      }
    },
    /** Types key after key, each answered at once by itself. */
    typesEchoed(text: string): void {
      for (const key of text) {
        this.types(key);
        this.prints(key);
      }
    },
    /** What Enter would submit now. */
    reads(): LineReading {
      const [run] = line.decode(Uint8Array.of(0x0d));
      if (run === undefined) throw new Error("Enter is no run");
      return line.read(run);
    },
    settled: (): boolean => line.settled(micros(at)).settled,
  };
}

/** From here on nobody is told that it is not sure, and the history takes it as it is. */
const CERTAIN_FROM = 0.9;

const PTY: PtyFacts = {
  term: "xterm-256color",
  columns: 80,
  rows: 24,
  widthPixels: 0,
  heightPixels: 0,
  modes: { IUTF8: 1, ECHO: 1, ICANON: 1, ISIG: 1, VINTR: 3, VERASE: 127, VKILL: 21, VWERASE: 23 },
};

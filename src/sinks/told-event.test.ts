import { describe, expect, it } from "vitest";
import type { EventDraft } from "../events/index.js";
import { EVENT_TYPES, eventLine, SAMPLES } from "./event-samples.testing.js";
import { typeOfLine } from "./told-event.js";

/** As the outbox hands out a line whose checksum was right. */
const checked = (line: string): Buffer => Buffer.from(" ".repeat(9) + line);

describe("the type of an event", () => {
  it.each(EVENT_TYPES)("%s is known before the line is parsed", (type) => {
    const draft = { type, data: SAMPLES[type] } as EventDraft; // a row of the table
    expect(typeOfLine(checked(eventLine(draft)))).toBe(type);
  });

  it("is left to the parser where the line is damaged, or its envelope is not as ours", () => {
    const line = eventLine({ type: "sink.tested", data: { sink: "s" } });
    for (const other of [
      Buffer.from(line),
      Buffer.from(`0123abcd ${line}`),
      checked(line.replace("specversion", "specVersion")),
      checked(eventLine({ type: "sink.tested", data: { sink: "s" } }, 'a "b"')),
      Buffer.from(""),
    ]) {
      expect(typeOfLine(other)).toBeNull();
    }
  });
});

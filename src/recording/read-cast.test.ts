import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCast } from "./read-cast.js";

const HEADER = JSON.stringify({
  version: 2,
  width: 100,
  height: 30,
  timestamp: 1,
  env: { TERM: "xterm" },
  chaperone: {
    session: "s-1",
    protocol: "ssh",
    person: "alice",
    groups: ["dba"],
    account: "root",
    target: "db-1",
    targetLabels: { env: "prod" },
    origin: "10.1.2.3",
    channel: 3,
    wall: "2026-11-20T18:57:23.123456Z",
  },
});

describe("a recording", () => {
  it("is read with what replay needs, of older versions too", () => {
    const read = readCast(
      "a.cast",
      `${HEADER}\n[0.5, "o", "$ "]\n[1, "x", "?"]\n[1.5, "i", "l"]\n`,
    );
    expect(read).toMatchObject({
      ok: true,
      value: {
        header: {
          person: "alice",
          channel: 3,
          address: "",
          columns: 100,
          targetLabels: { env: "prod" },
        },
        events: [
          { seconds: 0.5, code: "o", data: "$ " },
          { seconds: 1.5, code: "i", data: "l" },
        ],
        torn: false,
      },
    });
  });

  it("with a torn last line is read up to it", () => {
    const read = readCast("a.cast", `${HEADER}\n[0.5, "o", "$ "]\n[1.5, "i`);
    expect(read).toMatchObject({ ok: true, value: { torn: true, events: [{ seconds: 0.5 }] } });
  });

  it.each([
    ["of another program", '{"version":2,"width":80,"height":24}\n', /another program/, 1],
    ["of another form", "hello\n", /not an asciicast/, 1],
    ["with a line that is none", `${HEADER}\n[1, "o"]\n`, /not an event/, 2],
    ["without a beginning", `${HEADER.replace("2026-11", "x")}\n`, /when the recording begins/, 1],
  ])("%s is refused at its line", (_name, text, message, line) => {
    const read = readCast("a.cast", text);
    expect(read.ok ? "" : read.error.message).toMatch(message);
    expect(read.ok ? null : read.error.at).toMatchObject({ file: "a.cast", line });
  });

  it("of any content never throws", () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (noise, json) => {
        readCast("a.cast", noise);
        readCast("a.cast", `${json}\n${noise}`);
        readCast("a.cast", `${HEADER}\n${json}\n${noise}\n`);
      }),
    );
  });
});

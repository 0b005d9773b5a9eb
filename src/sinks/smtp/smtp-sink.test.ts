import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sampleEvent } from "../event-samples.testing.js";
import { storyOf } from "../format/index.js";
import { makeSink, never, parcel, parcels } from "../sink-lab.testing.js";
import type { Parcel } from "../sink.js";
import { makeTlsLab, type TlsLab } from "../../net/tls-lab.testing.js";
import { digestSubject, digestText } from "./digest.js";
import { smtpSink } from "./smtp-sink.js";

describe("mail", () => {
  let dir = "";
  let tls: TlsLab;
  let server: SMTPServer | null = null;
  const mails: string[] = [];
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-mail-"));
    tls = makeTlsLab(dir);
  });
  afterEach(() => {
    mails.length = 0;
    server?.close();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  async function start(options: SMTPServerOptions = {}): Promise<string> {
    const opened = new SMTPServer({
      key: readFileSync(tls.file("server.key")),
      cert: readFileSync(tls.file("server.pem")),
      onAuth: ({ username, password }, _session, done) => {
        if (username === "chaperone" && password === "p") done(null, { user: username });
        else done(new Error("no"));
      },
      onData(stream, _session, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          mails.push(Buffer.concat(chunks).toString("utf8"));
          done();
        });
      },
      ...options,
    });
    server = opened;
    await new Promise<void>((listening) => opened.listen(0, "127.0.0.1", () => listening()));
    return `127.0.0.1:${(opened.server.address() as AddressInfo).port}`; // bound to a port
  }

  const entry = (address: string, more: object = {}) => ({
    address,
    from: "chaperone@lab.example",
    to: ["ops@lab.example"],
    username: "chaperone",
    password: { value: "p" },
    tls: {},
    ...more,
  });

  it("goes out as one digest a batch, over STARTTLS, by a server that proves itself", async () => {
    const sink = makeSink(smtpSink, entry(await start()), tls.trust);
    expect(await sink.deliver(parcels(1, 3, "cloudevents"), never)).toEqual({
      retry: [],
      refused: [],
    });
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatch(/^Subject: \[chaperone\] high: Command blocked \(and 2 more\)$/m);
    expect(mails[0]).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(mails[0]).toContain("s-1");
    await sink.close();
  });

  it("is not sent without encryption where encryption is asked for", async () => {
    const sink = makeSink(
      smtpSink,
      entry(await start({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] })),
      tls.trust,
    );
    const batch = parcels(1, 1, "cloudevents");
    expect((await sink.deliver(batch, never)).retry).toEqual(batch);
    expect(mails).toEqual([]);
    await sink.close();
  });

  it("is not sent through a server that somebody else vouches for", async () => {
    const sink = makeSink(smtpSink, entry(await start()), () => ({}));
    const batch = parcels(1, 1, "cloudevents");
    expect((await sink.deliver(batch, never)).retry).toEqual(batch);
    expect(mails).toEqual([]);
    await sink.close();
  });

  it("waits when the server does not know us", async () => {
    const wrong = entry(await start(), { password: { value: "x" } });
    const sink = makeSink(smtpSink, wrong, tls.trust);
    const batch = parcels(1, 1, "cloudevents");
    expect(await sink.deliver(batch, never)).toMatchObject({
      retry: batch,
      fault: { code: "CHP_SINK_DENIED" },
    });
    await sink.close();
  });

  it("waits when the server takes no mail from us to these people", async () => {
    const options: SMTPServerOptions = {
      onRcptTo: (_address, _session, done) =>
        done(Object.assign(new Error("Relay access denied"), { responseCode: 554 })),
    };
    const sink = makeSink(smtpSink, entry(await start(options)), tls.trust);
    const batch = parcels(1, 2, "cloudevents");
    const receipt = await sink.deliver(batch, never);
    expect(receipt).toMatchObject({ retry: batch, fault: { code: "CHP_SINK_DENIED" } });
    expect(receipt.splitUp).toBe(undefined);
    await sink.close();
  });

  it("is split when the server does not like what is in it", async () => {
    const options: SMTPServerOptions = {
      onData(stream, _session, done) {
        stream.resume();
        stream.on("end", () => done(Object.assign(new Error("spam"), { responseCode: 554 })));
      },
    };
    const sink = makeSink(smtpSink, entry(await start(options)), tls.trust);
    expect(await sink.deliver(parcels(1, 2, "cloudevents"), never)).toMatchObject({
      splitUp: true,
    });
    await sink.close();
  });
});

describe("a digest", () => {
  it("shows control characters as such, cuts long commands with a count, and counts the rest", () => {
    const long = parcel(1, "cloudevents", `\u001b[2J${"x".repeat(2_000)}`);
    const many = [long, ...parcels(2, 300, "cloudevents")];
    const text = digestText(many);
    expect(text).toContain("\\x1b[2J");
    expect(text).toContain("1504 more characters");
    expect(text).toContain("... and 100 more events");
  });

  it("names the worst of it first", () => {
    const event = sampleEvent("rule.matched");
    const alert: Parcel = {
      id: "r",
      event,
      story: storyOf(event),
      format: "cloudevents",
      text: "",
    };
    expect(digestSubject([parcel(1, "cloudevents"), alert], "[x]")).toBe(
      "[x] critical: Rule matched (and 1 more)",
    );
  });
});

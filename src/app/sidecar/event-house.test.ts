import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeEvent, wrapEvent } from "../../events/index.js";
import { sessionId, wallMicros } from "../../kernel/index.js";
import { openStateDir, type StateDir } from "../../runtime/index.js";
import { eventually } from "../../runtime/testing/eventually.testing.js";
import { verifyLog } from "../../sealing/index.js";
import { parseConfig, thisHost, type Config } from "../config/index.js";
import { openEventHouse } from "./event-house.js";

const WALL = wallMicros(Date.now() * 1_000);

interface Told {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
  readonly data: object;
}

/** Ids of the events of a sealed log, in its order. */
function sealedIds(dir: string): readonly string[] {
  return readdirSync(dir)
    .filter((file) => file.startsWith("segment-"))
    .sort()
    .flatMap((file) => readFileSync(join(dir, file), "latin1").split("\n"))
    .flatMap((line) => /"event":\{"specversion":"1.0","id":"(?<id>[^"]+)"/.exec(line)?.[1] ?? []);
}

describe("what an earlier run left", () => {
  let dir = "";
  let state: StateDir;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "chaperone-house-"));
    const opened = openStateDir(join(dir, "var"));
    if (!opened.ok) throw new Error(opened.error.message);
    state = opened.value;
  });
  afterEach(() => {
    state.release();
    rmSync(dir, { recursive: true, force: true });
  });

  function config(): Config {
    const text = `apiVersion: chaperone/v1
kind: Sidecar
site: lab
stateDir: ./var
listen: { ssh: { address: 127.0.0.1, port: 0 } }
people: []
targets: [ { name: local, protocol: ssh, shell: { command: [/bin/bash], runAs: auto } } ]
rules: []
events: { file: { path: ./events.ndjson } }
`;
    const parsed = parseConfig({ text, file: join(dir, "chaperone.yaml"), host: thisHost() });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
    return parsed.value;
  }

  function leave(id: string): void {
    const session = {
      id: sessionId(id),
      protocol: "ssh" as const,
      person: "alice",
      account: "root",
      target: "db-1",
      origin: "127.0.0.1",
    };
    const facts = { source: "/chaperone/lab/n", subject: id, sequence: 4, wall: WALL };
    const data = {
      session,
      groups: [],
      clientVersion: "",
      authMethods: [],
      targetLabels: {},
      rulesDigest: "",
    };
    const line = encodeEvent(wrapEvent({ type: "session.opened", data }, facts));
    writeFileSync(join(state.spool, "w0-999999-1-a-000000.ndjson"), `${line}{"torn`);
    const [year = "", month = "", day = ""] = new Date(WALL / 1_000).toISOString().split(/[-T]/);
    const folder = join(config().recording.folder, year, month, day);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${id}-1.cast`), '{"version":2}\n[0.1, "o", "whole"]\n[0.2, "o"');
  }

  it("is delivered; its sessions are closed and its recordings mended", async () => {
    leave("s1");
    const log: string[] = [];
    const note = (event: string) => log.push(event);
    const house = await openEventHouse({
      config: config(),
      state,
      env: {},
      version: "0",
      log: { info: note, warn: note, error: note },
    });
    if (!house.ok) throw new Error(house.error.message);
    house.value.teller.tell({ type: "sidecar.stopped", data: { reason: "test", openSessions: 0 } });
    await house.value.close();
    const events = readFileSync(join(dir, "events.ndjson"), "utf8")
      .trim()
      .split("\n")
      .map(
        (line) => JSON.parse(line) as { type: string; sequence: number; data: { reason?: string } },
      );
    expect(events.map(({ type, sequence, data }) => [type, sequence, data.reason])).toEqual([
      ["io.chaperone.session.opened.v1", 4, undefined],
      ["io.chaperone.session.closed.v1", 5, "sidecar-died"],
      ["io.chaperone.sidecar.stopped.v1", 0, "test"],
    ]);
    expect(log).toEqual(["spool-line-torn", "recording-mended"]);
  });

  it("tells that the event file can not be written, and that it can again", async (context) => {
    const mount = join(dir, "small");
    mkdirSync(mount);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], { stdio: "ignore" });
    } catch {
      context.skip("needs the right to mount a small tmpfs");
    }
    try {
      const events = join(mount, "events.ndjson");
      const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
      const house = await openEventHouse({
        config: { ...config(), events: { ...config().events, file: events } },
        state,
        env: {},
        version: "0",
        log: quiet,
      });
      if (!house.ok) throw new Error(house.error.message);
      const filler = join(mount, "filler");
      writeFileSync(filler, Buffer.alloc(60 * 1024));
      const reason = "x".repeat(900);
      const sent = 20;
      for (let time = 0; time < sent; time += 1) {
        house.value.teller.tell({ type: "sidecar.stopped", data: { reason, openSessions: time } });
      }
      house.value.delivery.drain();
      rmSync(filler);
      const told = () =>
        readFileSync(events, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Told);
      await eventually(() => told().map(({ type }) => type)).toContain(
        "io.chaperone.sink.recovered.v1",
      );
      await house.value.close();
      const all = told();
      expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index));
      const besides = all.filter(({ type }) => type !== "io.chaperone.audit.sealed.v1");
      expect(besides).toHaveLength(sent + 2);
      // Refused once by the event file, each is in the sealed log once all the same.
      const sealed = verifyLog(join(state.path, "audit"));
      expect(sealed).toMatchObject({ ok: true, value: { flaw: null } });
      expect(sealedIds(join(state.path, "audit"))).toEqual(all.map(({ id }) => id));
      expect(besides.at(-2)).toMatchObject({
        type: "io.chaperone.sink.degraded.v1",
        data: { sink: "file", reason: expect.stringContaining("CHP_RUNTIME_EVENT_FILE") as string },
      });
    } finally {
      execFileSync("umount", ["--lazy", mount]);
    }
  });
});

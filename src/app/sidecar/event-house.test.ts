import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeEvent, wrapEvent } from "../../events/index.js";
import { sessionId, wallMicros } from "../../kernel/index.js";
import { openStateDir, type StateDir } from "../../runtime/index.js";
import { parseConfig, thisHost, type Config } from "../config/index.js";
import { openEventHouse } from "./event-house.js";

const WALL = wallMicros(Date.now() * 1_000);

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
});

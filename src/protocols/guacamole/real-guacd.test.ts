import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ok, sessionId } from "../../kernel/index.js";
import type { Effect, InputBody, Instruction, SessionFacts } from "../../model/index.js";
import { eventually } from "../../runtime/testing/eventually.testing.js";
import { talkOn, comeIn, type Talker } from "./fake-guacd.testing.js";
import { createGuacamoleServer, type GuacamoleServer } from "./server.js";
import type { DesktopTraffic } from "./ports.js";
import { startRealGuacd, type RealGuacd, type RunningConnection } from "./real-guacd.testing.js";

const FACTS: SessionFacts = {
  id: sessionId("s"),
  protocol: "rdp",
  person: { name: "alice", groups: [], phrase: "", factors: [] },
  account: "root",
  target: { name: "win-1", address: "192.0.2.7:3389", labels: {}, embedded: false },
  origin: "127.0.0.1",
  clientVersion: "",
  authMethods: [],
};
const POLICY = {
  readOnly: false,
  copy: true,
  paste: true,
  upload: true,
  download: true,
  microphone: false,
  pipes: false,
  clipboardBytesMax: 1,
  fileBytesMax: 1,
};
const NAMES = [
  "hostname",
  "port",
  "username",
  "password",
  "read-only",
  "disable-copy",
  "disable-paste",
  "recording-path",
] as const;
/** As guacd says it, of nobody in particular. */
const RECTANGLE: Instruction = { opcode: "rect", args: ["0", "10", "10", "20", "20"] };

describe("in front of a guacd as strict as the real one", () => {
  let guacd: RealGuacd;
  let server: GuacamoleServer;
  let door: Server;
  let inputs: InputBody[] = [];
  let traffic: DesktopTraffic | null = null;
  const people: Talker[] = [];

  beforeEach(async () => {
    inputs = [];
    guacd = await startRealGuacd(NAMES);
    server = createGuacamoleServer(
      {
        authority: {
          authenticate: ({ userName }) =>
            Promise.resolve(
              userName === "chp-good"
                ? { type: "accepted", person: FACTS.person }
                : { type: "refused" },
            ),
          openSession: () => Promise.resolve(ok({ facts: FACTS })),
        },
        targets: {
          plan: () =>
            Promise.resolve(
              ok({
                type: "desktop",
                guacd: { host: "127.0.0.1", port: guacd.port },
                protocol: "rdp",
                host: "192.0.2.7",
                port: 3389,
                account: "root",
                password: null,
                settings: {},
                connectTimeoutMs: 15_000,
              }),
            ),
        },
        sessions: {
          open(_facts, given) {
            traffic = given;
            return {
              input(body) {
                inputs.push(body);
                if (body.kind !== "instruction") return;
                const to = body.from === "person" ? "target" : "person";
                given.carryOut({ kind: "instruct", to, instruction: body.instruction });
              },
            };
          },
        },
        policyOf: () => POLICY,
        log: { warn: () => undefined },
      },
      { guacd: { host: "127.0.0.1", port: guacd.port }, loginTimeoutMs: 15_000 },
    );
    door = createServer({ pauseOnConnect: true }, (socket) => server.accept(socket, "127.0.0.1"));
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    for (const { socket } of people.splice(0)) socket.destroy();
    await server.close("over");
    door.close();
    await guacd.close();
  });

  const port = (): number => (door.address() as AddressInfo).port;
  const act = (effect: Effect): void => traffic?.carryOut(effect);
  const watched = (observer: string) =>
    inputs.flatMap((one) =>
      one.kind === "watched" && one.observer === observer ? [one.drawn] : [],
    );
  const seenBy = (observer: string): readonly string[] =>
    watched(observer).flatMap((drawn) => (drawn ?? []).map(({ opcode }) => opcode));

  async function enter(): Promise<[Talker, RunningConnection]> {
    const person = comeIn(port(), { "chaperone-token": "chp-good" });
    people.push(person);
    await eventually(() => person.all("sync").length).toBe(1);
    const [running] = [...guacd.connections.values()];
    if (running === undefined) throw new Error("guacd runs nothing");
    return [person, running];
  }

  it("shakes hands in the order that it wants, with a value for each of its names", async () => {
    const [, running] = await enter();
    expect(guacd.complaints).toEqual([]);
    const [owner] = running.users;
    expect(owner?.values).toMatchObject({
      VERSION_1_5_0: "VERSION_1_5_0",
      hostname: "192.0.2.7",
      port: "3389",
      "recording-path": "",
    });
    expect(owner?.voice.heard.map(({ opcode }) => opcode).slice(0, 7)).toEqual([
      "select",
      "size",
      "audio",
      "video",
      "image",
      "timezone",
      "connect",
    ]);
  });

  it("shows a running desktop to who looks on, from the first picture, and lets them do nothing", async () => {
    const [person, running] = await enter();
    running.draw(RECTANGLE);
    act({ kind: "look-on", observer: "o-1", on: true });
    await eventually(() => seenBy("o-1").filter((one) => one === "rect").length).toBe(2);
    expect(running.users.map(({ values }) => values["read-only"])).toEqual(["", "true"]);
    running.draw(RECTANGLE);
    await eventually(() => seenBy("o-1").filter((one) => one === "rect").length).toBe(3);
    await eventually(() => person.all("sync").length).toBe(3);
    // Every frame is confirmed by its time alone, as browsers do, and nothing else is ever said.
    const said = () => {
      const heard = running.users[1]?.voice.heard ?? [];
      return heard.slice(heard.findIndex(({ opcode }) => opcode === "connect") + 1);
    };
    await eventually(() => said().length).toBe(2);
    expect(said().every(({ opcode, args }) => opcode === "sync" && args.length === 1)).toBe(true);
    expect(running.done).toEqual([]);
    act({ kind: "look-on", observer: "o-1", on: false });
    await eventually(() => running.users.length).toBe(1);
    expect(guacd.complaints).toEqual([]);
  });

  it("leaves nobody on a desktop whose person has gone: the target would stay signed in", async () => {
    const [person] = await enter();
    act({ kind: "look-on", observer: "o-1", on: true });
    await eventually(() => seenBy("o-1").length).toBeGreaterThan(0);
    person.say("disconnect");
    await eventually(() => guacd.connections.size).toBe(0);
    expect(person.all("error")).toEqual([]);
  });

  it("ends who looks on when guacd does, and says why the target is gone", async () => {
    const [person, running] = await enter();
    act({ kind: "look-on", observer: "o-1", on: true });
    await eventually(() => seenBy("o-1").length).toBeGreaterThan(0);
    running.fail("SSL/TLS connection failed\u001b[2J", 519);
    await eventually(() => person.closed).toBe(true);
    expect(person.all("error")).toEqual([["SSL/TLS connection failed\u001b[2J", "519"]]);
    expect(inputs.filter(({ kind }) => kind === "target-failed")).toEqual([
      { kind: "target-failed", reason: "guacd says: SSL/TLS connection failed\\x1b[2J (519)" },
    ]);
    await eventually(() => guacd.connections.size).toBe(0);
    expect(inputs.at(-1)).toMatchObject({ kind: "disconnected" });
  });

  it("takes a target that signs out for no failure", async () => {
    const [person, running] = await enter();
    running.fail("Disconnected.", 523);
    await eventually(() => person.closed).toBe(true);
    expect(inputs.filter(({ kind }) => kind === "target-failed")).toEqual([]);
  });

  it("lets nobody join by a number: not by guacd's own, not by the one that a client is told", async () => {
    const [person] = await enter();
    const [number = ""] = [...guacd.connections.keys()];
    const told = person.all("ready")[0]?.[0] ?? "";
    expect(told).not.toBe(number);
    for (const select of [number, told]) {
      const stranger = comeIn(port(), { "chaperone-token": "chp-good" }, select);
      people.push(stranger);
      await eventually(() => stranger.closed).toBe(true);
      expect(stranger.all("error")[0]?.[1]).toBe("768");
      expect(stranger.all("ready")).toEqual([]);
    }
    expect([...guacd.connections.values()].map(({ users }) => users.length)).toEqual([1]);
  });

  it("waits with a client that asks its tunnel, and tells more of itself than is known", async () => {
    const socket = connect({ host: "127.0.0.1", port: port(), noDelay: true });
    const person = talkOn(socket, (one, to) => {
      if (one.opcode !== "args") return;
      to.say("", "ping", 7);
      to.say("nop");
      to.say("size", 640, 480, 96);
      for (const opcode of ["audio", "video", "image", "timezone"]) to.say(opcode);
      to.say("colours-of-2030", "many");
      const values = one.args.map((name) => (name === "chaperone-token" ? "chp-good" : ""));
      to.say("connect", ...values);
      to.say("", "ping", 8);
    });
    people.push(person);
    person.say("", "ping", 6);
    person.say("select", "rdp");
    await eventually(() => person.all("sync").length).toBe(1);
    expect(person.all("")).toEqual([
      ["ping", "6"],
      ["ping", "7"],
      ["ping", "8"],
    ]);
  });
});

import { createServer, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { err, fault, ok, sessionId } from "../../kernel/index.js";
import type { InputBody, SessionFacts } from "../../model/index.js";
import { eventually } from "../../runtime/testing/eventually.testing.js";
import {
  browseTo,
  comeIn,
  startFakeGuacd,
  type Browser,
  type FakeGuacd,
  type Talker,
} from "./fake-guacd.testing.js";
import { PEER_NAME, type GuacamolePorts } from "./index.js";
import { createGuacamoleServer, type GuacamoleServer } from "./server.js";

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

describe("the server of Guacamole's protocol", () => {
  let guacd: FakeGuacd;
  let server: GuacamoleServer;
  let door: Server;
  let inputs: InputBody[] = [];
  let names: string[] = [];
  let way: "there" | "gone" = "there";
  let asBrowser = false;
  const people: Talker[] = [];
  const browsers: Browser[] = [];

  /** Everything passes; `kind` of everything that a machine would hear is kept. */
  function ports(): GuacamolePorts {
    return {
      authority: {
        authenticate({ userName }) {
          names.push(userName);
          const good = userName === "chp-good" || userName === PEER_NAME;
          return Promise.resolve(
            good ? { type: "accepted", person: FACTS.person } : { type: "refused" },
          );
        },
        openSession: () => Promise.resolve(ok({ facts: FACTS })),
      },
      targets: {
        plan: () =>
          Promise.resolve(
            way === "gone"
              ? err(fault("CHP_RUNTIME_NO_DESTINATION", "gone"))
              : ok({
                  type: "desktop",
                  guacd: { host: "127.0.0.1", port: guacd.port },
                  protocol: "rdp",
                  host: "192.0.2.7",
                  port: 3389,
                  account: "root",
                  password: null,
                  settings: {},
                  connectTimeoutMs: 5_000,
                }),
          ),
      },
      sessions: {
        open: (_facts, traffic) => ({
          input(body) {
            inputs.push(body);
            if (body.kind !== "instruction") return;
            const to = body.from === "person" ? "target" : "person";
            traffic.carryOut({ kind: "instruct", to, instruction: body.instruction });
          },
        }),
      },
      policyOf: () => POLICY,
      log: { warn: () => undefined },
    };
  }

  beforeEach(async () => {
    inputs = [];
    names = [];
    way = "there";
    guacd = await startFakeGuacd();
    server = createGuacamoleServer(ports(), {
      guacd: { host: "127.0.0.1", port: guacd.port },
      tunnelPath: "/tunnel",
      loginTimeoutMs: 15_000,
    });
    door = createServer({ pauseOnConnect: true }, (socket) => {
      if (asBrowser) server.acceptBrowser(socket, "127.0.0.1");
      else server.accept(socket, "127.0.0.1");
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    for (const { socket } of people.splice(0)) socket.destroy();
    for (const browser of browsers.splice(0)) browser.close();
    asBrowser = false;
    await server.close("over");
    door.close();
    await guacd.close();
  });

  const port = (): number => (door.address() as AddressInfo).port;
  function enter(given: Readonly<Record<string, string>>): Talker {
    const talker = comeIn(port(), given);
    people.push(talker);
    return talker;
  }
  const kinds = (): readonly string[] => inputs.map((one) => one.kind);

  it("leads both sides together and tells the machine everything, to the end", async () => {
    const person = enter({ "chaperone-token": "chp-good", username: "them" });
    await eventually(() => person.all("sync").length).toBe(1);
    expect(guacd.parameters()).toMatchObject({ username: "them", hostname: "192.0.2.7" });
    person.say("key", 65, 1);
    await eventually(() => guacd.connections.at(-1)?.all("key")).toEqual([["65", "1"]]);
    person.say("disconnect");
    await eventually(() => kinds().at(-1)).toBe("disconnected");
    expect(kinds()[0]).toBe("opened");
    expect(inputs.at(-2)).toMatchObject({ kind: "channel-closed", bytes: { toTarget: 15 + 14 } });
  });

  it("asks guacd once for its parameters, however many come", async () => {
    const all = [1, 2, 3].map(() => enter({ "chaperone-token": "chp-bad" }));
    for (const one of all) await eventually(() => one.closed).toBe(true);
    expect(guacd.connections).toHaveLength(1);
    expect(names).toEqual(["chp-bad", "chp-bad", "chp-bad"]);
  });

  it("takes whoever shows nothing for a peer, and whoever shows nonsense for nobody", async () => {
    const peer = enter({});
    await eventually(() => peer.all("sync").length).toBe(1);
    const nonsense = enter({ "chaperone-token": "alice@win-1" });
    await eventually(() => nonsense.closed).toBe(true);
    expect(names).toEqual([PEER_NAME, "chp-"]);
  });

  it("says that the target is away, and that guacd is", async () => {
    way = "gone";
    const person = enter({ "chaperone-token": "chp-good" });
    await eventually(() => person.all("error")[0]?.[1]).toBe("519");
    expect(kinds()).toContain("target-failed");
    await guacd.close();
    const other = enter({ "chaperone-token": "chp-good" });
    await eventually(() => other.closed).toBe(true);
    expect(other.all("ready")).toEqual([]);
  });

  it("carries the same to browsers, on its path alone", async () => {
    asBrowser = true;
    const browser = browseTo(`ws://127.0.0.1:${port()}/tunnel?token=chp-good&GUAC_WIDTH=640`);
    const lost = browseTo(`ws://127.0.0.1:${port()}/elsewhere?token=chp-good`);
    browsers.push(browser);
    await eventually(() => browser.all("sync").length).toBe(1);
    expect(guacd.parameters()).toMatchObject({ width: "640" });
    await eventually(() => lost.closed).toBe(true);
    const answer = await fetch(`http://127.0.0.1:${port()}/tunnel`);
    expect(answer.status).toBe(426);
  });

  it("ends everybody with the reason when it closes", async () => {
    const person = enter({ "chaperone-token": "chp-good" });
    await eventually(() => person.all("sync").length).toBe(1);
    await server.close("the sidecar stops");
    await eventually(() => person.closed).toBe(true);
    expect(person.all("error")).toEqual([["the sidecar stops", "523"]]);
    expect(kinds().at(-1)).toBe("disconnected");
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import { err, fault, ok, sessionId, type Fault, type Result } from "../../kernel/index.js";
import type { Authorized } from "../../identity/index.js";
import type { PersonFacts } from "../../model/index.js";
import { parseConfig, thisHost, type Config } from "../config/index.js";
import { createDestinations } from "./destinations.js";
import { gatewayWays } from "./people-and-ways.js";

const CONFIG = `apiVersion: chaperone/v1
kind: Sidecar
directory: { webhook: "http://127.0.0.1:1/", key: { value: "${"k".repeat(40)}" } }
targets:
  - name: db-1
    protocol: ssh
    address: 127.0.0.1:22
    hostKey: { trust: first-use }
    labels: { env: lab, owner: dba }
    accounts: [ { name: root, password: { value: hunter2 } } ]
`;
const ALICE: PersonFacts = { name: "alice", groups: [], phrase: "", factors: [] };
const LOGIN = { session: sessionId("s-1"), origin: "192.0.2.1" };
const YES: Authorized = {
  allowed: true,
  target: "db-1",
  account: "root",
  labels: { env: "prod" },
  context: { ticket: "CHG-1" },
  credential: "configured",
};

let answer: Result<Authorized, Fault>;
let config: Config;
beforeEach(() => {
  const parsed = parseConfig({ text: CONFIG, file: "/etc/chaperone.yaml", host: thisHost() });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  config = parsed.value;
  answer = ok(YES);
});

const ways = () =>
  gatewayWays(
    config.targets,
    {
      authorize: () => Promise.resolve(answer),
      credential: () =>
        Promise.resolve(err(fault("CHP_IDENTITY_WEBHOOK", "the gateway is not there"))),
    },
    createDestinations(config, {}),
  );

describe("ways that a gateway decides about", () => {
  it("go where it says, with its labels over those of the target, and its context", async () => {
    expect(await ways().choose({ person: "alice" }, ALICE, LOGIN)).toMatchObject({
      ok: true,
      value: {
        account: "root",
        target: { name: "db-1", labels: { env: "prod", owner: "dba" } },
        context: { ticket: "CHG-1" },
      },
    });
  });

  it("are closed when it says no, and the person hears why", async () => {
    answer = err(fault("CHP_IDENTITY_NOT_AUTHORIZED", "not on Sundays"));
    expect(await ways().choose({ person: "alice" }, ALICE, LOGIN)).toMatchObject({
      ok: false,
      error: { message: "not on Sundays" },
    });
  });

  it("are closed when it does not answer, and the person hears nothing of the inside", async () => {
    answer = err(fault("CHP_IDENTITY_WEBHOOK", "10.0.0.1:8787: connection refused"));
    const chosen = await ways().choose({ person: "alice" }, ALICE, LOGIN);
    expect(chosen.ok).toBe(false);
    expect(JSON.stringify(chosen)).not.toContain("10.0.0.1");
  });

  it.each([
    ["a target that is not configured", {}, { ...YES, target: "db-9" }],
    ["another target than was asked for", { target: "db-1" }, { ...YES, target: "db-2" }],
    ["another account than was asked for", { account: "root" }, { ...YES, account: "sys" }],
    ["an account without a credential", {}, { ...YES, account: "sys" }],
  ])("are closed when it names %s", async (_what, claim, said) => {
    answer = ok(said);
    expect((await ways().choose({ person: "alice", ...claim }, ALICE, LOGIN)).ok).toBe(false);
  });

  it("have no credential when the gateway is to give one and does not", async () => {
    answer = ok({ ...YES, credential: "ask" });
    const open = ways();
    const chosen = await open.choose({ person: "alice" }, ALICE, LOGIN);
    if (!chosen.ok) throw new Error(chosen.error.message);
    const facts = {
      id: LOGIN.session,
      protocol: "ssh",
      person: ALICE,
      account: chosen.value.account,
      target: chosen.value.target,
      origin: LOGIN.origin,
      clientVersion: "",
      authMethods: [],
    } as const;
    expect((await open.plan(facts, {}, null)).ok).toBe(false);
  });
});

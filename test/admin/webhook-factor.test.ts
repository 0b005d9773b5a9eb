// A push provider: it is told of a challenge by a signed call and answers it through the control API.
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sshdThere } from "../e2e/lab/sshd.js";
import { eventually } from "../e2e/lab/wait.js";
import { startControlLab, type ControlLab } from "./lab.js";

const KEY = "p".repeat(44);
const RULES = `
apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: lab-pushed
    name: Files that are confirmed on the phone
    match: { command: { exec: touch, args: { any: { contains: pushed } } } }
    action: { do: reauth, factors: [webhook], timeout: 60s, grace: 0s }
`;

interface Challenge {
  readonly id: string;
  readonly person: string;
  readonly target: string;
  readonly trigger: string;
}

let control: ControlLab;
let provider: Server;
const challenges: Challenge[] = [];

describe.skipIf(!sshdThere)("a factor that is asked for elsewhere (needs sshd)", () => {
  beforeAll(async () => {
    provider = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        challenges.push(JSON.parse(text) as Challenge);
        const body = JSON.stringify({ offer: { text: "Tap the 42 on your phone.", code: "42" } });
        const signed = `${String(request.headers["webhook-id"])}.${body}`;
        const mac = createHmac("sha256", KEY).update(signed).digest("base64");
        response.writeHead(200, { "webhook-signature": `v1,${mac}` }).end(body);
      });
    }).listen(0, "127.0.0.1");
    await once(provider, "listening");
    const address = provider.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    control = await startControlLab({
      rules: RULES,
      config: {
        factors: { webhook: { webhook: `http://127.0.0.1:${port}/push`, key: { value: KEY } } },
      },
    });
  });
  afterAll(async () => {
    provider.closeAllConnections();
    provider.close();
    await control.lab.end();
  });

  const next = (count: number) =>
    eventually("the challenge", () => challenges.length === count && challenges.at(-1));

  it("holds a command in a terminal, says what to do, and lets it go when it is confirmed", async () => {
    const terminal = control.lab.terminal("via", { person: "bob" });
    await terminal.ready();
    terminal.type("touch pushed-1\r");
    const challenge = await next(1);
    expect(challenge).toMatchObject({ person: "bob", target: "sshd", trigger: "lab-pushed" });
    await terminal.shows("Tap the 42 on your phone.");
    const path = `/v1/challenges/${challenge.id}/answer`;
    const accepted = { body: { outcome: "accepted" } } as const;
    expect((await control.call(path, { ...accepted, role: "operator" })).status).toBe(403);
    expect(existsSync(control.lab.inHome("pushed-1"))).toBe(false);
    expect((await control.call(path, accepted)).status).toBe(200);
    await eventually("the file", () => existsSync(control.lab.inHome("pushed-1")));
    expect((await control.call(path, accepted)).status).toBe(404);
    await terminal.ready();
    terminal.close();
  });

  it("holds a command without a terminal too, and refuses it with a code when it is denied", async () => {
    const { lab } = control;
    const allowed = lab.ssh("via", ["touch pushed-2; echo done"], { person: "carol" });
    const first = await next(2);
    const answer = (id: string, outcome: string) =>
      control.call(`/v1/challenges/${id}/answer`, { body: { outcome } });
    expect((await answer(first.id, "accepted")).status).toBe(200);
    expect((await allowed).stdout.toString()).toBe("done\n");
    const denied = lab.ssh("via", ["touch pushed-3"], { person: "dave" });
    const second = await next(3);
    expect((await answer(second.id, "refused")).status).toBe(200);
    await eventually("another try or the end", async () => {
      // Wrong answers may be tried again as often as the policy says.
      const ended = await Promise.race([denied, Promise.resolve(null)]);
      if (ended !== null) return true;
      const latest = challenges.at(-1);
      if (latest !== undefined) await answer(latest.id, "refused");
      return false;
    });
    expect((await denied).code).not.toBe(0);
    expect(existsSync(lab.inHome("pushed-3"))).toBe(false);
  });

  it("is refused when the provider is gone", async () => {
    provider.closeAllConnections();
    await new Promise((closed) => provider.close(closed));
    const refused = await control.lab.ssh("via", ["touch pushed-4"], { person: "erin" });
    expect(refused.code).not.toBe(0);
    expect(existsSync(control.lab.inHome("pushed-4"))).toBe(false);
  });
});

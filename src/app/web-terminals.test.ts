import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startWebLab, type WebLab } from "./web-lab.testing.js";
import { longRun } from "../testing/seed.js";
import {
  openTerminalPage,
  SPOKEN,
  TERMINAL_PATHS,
  type SpokenDialect,
  type TerminalPage,
} from "./web-terminals.testing.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: never
    name: This is never run
    criticality: high
    match: { command: { exec: forbidden-program } }
    action: block
    message: "This program is not run here."
  - id: sure
    name: Are you sure
    criticality: low
    match: { command: { exec: echo, args: [careful] } }
    action: warn
  - id: who
    name: Who is it
    criticality: medium
    match: { command: { exec: echo, args: [secret] } }
    action: { do: reauth, factors: [totp] }
`;

const USUAL: ReadonlySet<string> = new Set(["xterm", "ttyd", "v5.channel.k8s.io", "cockpit"]);

// What is typed at these shells is `echo`, and a program that does not exist.
describe("a terminal in a WebSocket", () => {
  let lab: WebLab;
  const pages: TerminalPage[] = [];
  beforeAll(async () => {
    lab = await startWebLab({ rules: RULES, web: TERMINAL_PATHS });
  });
  afterAll(async () => {
    for (const page of pages) page.close();
    await lab.close();
  });

  async function open(spoken: SpokenDialect, person: string, path?: string): Promise<TerminalPage> {
    const headers = { "x-gateway-assertion": lab.assertion(person) };
    const at = path === undefined ? {} : { path };
    const page = await openTerminalPage(spoken, { port: lab.port, headers, ...at });
    pages.push(page);
    return page;
  }
  const of = (person: string, type: string) =>
    lab
      .events(type)
      .map(({ data }) => data)
      .filter((data) => (data["session"] as { person: string }).person === person);
  const commands = (person: string): readonly unknown[] =>
    of(person, "command.entered").map((data) => [data["text"], data["decision"]]);
  const named = (name: string): SpokenDialect => {
    const found = SPOKEN.find((one) => one.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };

  // The others differ in a byte or two; their codecs are tried without a shell.
  it.each(longRun ? SPOKEN : SPOKEN.filter(({ name }) => USUAL.has(name)))(
    "of $name is understood, held at Enter, asked on and stopped",
    async (spoken) => {
      const person = `p-${spoken.name.replace(/[^a-z0-9]/g, "-")}`;
      const page = await open(spoken, person);
      await eventually(() => page.shown).toContain("lab$ ");
      page.typeEach("echo one-$((1+1))");
      page.type("\r");
      await eventually(() => page.shown).toContain("one-2");
      page.type("forbidden-program now");
      await eventually(() => page.shown).toContain("forbidden-program now");
      page.type("\r");
      await eventually(() => page.shown).toContain("This program is not run here.");
      await eventually(() => page.shown.split("lab$ ").length).toBeGreaterThan(3);
      expect(page.shown).not.toContain("not found");
      page.type("echo careful-$((2+2)) careful");
      await eventually(() => page.shown).toContain("careful-$((2+2)) careful");
      page.type("\r");
      await eventually(() => page.shown).toContain("Are you sure");
      expect(page.shown).not.toContain("careful-4");
      page.type("yes\r");
      await eventually(() => page.shown).toContain("careful-4");
      await eventually(() => commands(person)).toEqual([
        ["echo one-$((1+1))", "allowed"],
        ["forbidden-program now", "blocked"],
        ["echo careful-$((2+2)) careful", "warned"],
      ]);
      page.close();
      await eventually(() => of(person, "channel.closed").length).toBe(1);
      expect(of(person, "channel.opened")[0]).toMatchObject({ kind: "shell", channel: 1 });
      await eventually(() => of(person, "web.requested").at(-1)).toMatchObject({ status: 101 });
    },
    30_000,
  );

  it("asks who it is on the terminal, and records the terminal as one of SSH", async () => {
    const page = await open(named("ttyd"), "alice");
    await eventually(() => page.shown).toContain("lab$ ");
    page.resize(120, 40);
    page.type("echo secret-$((3+3)) secret\r");
    await eventually(() => page.shown).toContain("is it you?");
    const code = lab.totp();
    page.type(`${code}\r`);
    await eventually(() => page.shown).toContain("secret-6");
    page.type("exit\r");
    await eventually(() => page.closed).toMatchObject({ code: 1_000 });
    expect(commands("alice")).toContainEqual(["echo secret-$((3+3)) secret", "reauthenticated"]);
    const casts = (): string =>
      readdirSync(join(lab.dir, "var", "recordings"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".cast"))
        .map((name) => readFileSync(join(lab.dir, "var", "recordings", name), "utf8"))
        .join("");
    await eventually(() => casts()).toContain("secret-6");
    expect(casts()).toContain('"120x40"');
    // Behind a point it may stand by chance: times have six digits there.
    expect(casts() + JSON.stringify(lab.events())).not.toMatch(new RegExp(`(^|[^.])${code}`, "m"));
  }, 30_000);

  it("is not opened where what it would run is forbidden, and the target is not even asked", async () => {
    const spoken = named("v5.channel.k8s.io");
    const path =
      "/api/v1/namespaces/lab/pods/web-1/exec?command=forbidden-program&command=a%20b&stdout=true";
    const before = lab.console.seen.length;
    await expect(open(spoken, "carol", path)).rejects.toThrow("403");
    expect(lab.console.seen).toHaveLength(before);
    await eventually(() => commands("carol")).toEqual([["forbidden-program 'a b'", "blocked"]]);
  });

  it("is not opened in a subprotocol that nobody understands", async () => {
    const spoken = { ...named("v5.channel.k8s.io"), protocol: "v9.channel.k8s.io" };
    await expect(open(spoken, "carol")).rejects.toThrow("400");
  });

  it("ends when its messages can not be understood, and nothing of them goes on", async () => {
    const page = await open(named("json"), "dora");
    await eventually(() => page.shown).toContain("lab$ ");
    page.send('{"type":"input","data":');
    await eventually(() => page.closed).toMatchObject({ code: 1_008 });
    await eventually(() => of("dora", "web.refused").map((data) => data["code"])).toEqual([
      "CHP_WEB_TERMINAL",
    ]);
  });

  it("is killed with its session, and says why", async () => {
    const page = await open(named("cockpit"), "emil");
    await eventually(() => page.shown).toContain("lab$ ");
    const listed = (await lab.api("GET", "/v1/sessions")) as {
      sessions: { id: string; person: string }[];
    };
    const id = listed.sessions.find(({ person }) => person === "emil")?.id ?? "";
    await lab.api("POST", `/v1/sessions/${id}/kill`, { reason: "enough of this" });
    await eventually(() => page.closed).not.toBeNull();
    expect(page.shown).toContain("enough of this");
  });
});

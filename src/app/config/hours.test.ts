import { describe, expect, it } from "vitest";
import { describeFault } from "../../kernel/index.js";
import { hoursRules } from "../sidecar/login-hours.js";
import { parseConfig } from "./load-config.js";

const HOST = { uid: 1000, gid: 1000, hostname: "node-1", processors: 2, passwd: "" };

function read(more: string) {
  const text = `apiVersion: chaperone/v1
kind: Sidecar
people: [{ name: alice, password: { env: ALICE } }]
targets: [{ name: local, protocol: ssh, shell: {} }]
${more}`;
  return parseConfig({ text, file: "/etc/chaperone/chaperone.yaml", host: HOST });
}
function complaints(more: string): string {
  const config = read(more);
  return config.ok ? "" : config.error.map(describeFault).join("\n");
}

describe("prohibited hours", () => {
  it("are read where the site is, and nobody is counted where nothing is said", () => {
    const config = read(`login: { hours: { zone: America/Sao_Paulo, prohibited: [
      { from: "22:00", to: "24:00" }, { days: [sat, sun], from: "00:00", to: "24:00" } ] } }
policy: { reauth: { attemptsAtProhibitedTime: 3 } }`);
    if (!config.ok) throw new Error(config.error.map(describeFault).join("\n"));
    const hours = hoursRules(config.value);
    expect(hours).toMatchObject({ refuse: true, attemptsMax: 3 });
    // Three hours behind UTC: a Friday evening there is a Saturday here.
    const at = (text: string) => hours?.prohibitedAt(Date.parse(text));
    expect(at("2026-11-21T00:59:00Z")).toBe(false);
    expect(at("2026-11-21T01:00:00Z")).toBe(true);
    expect(at("2026-11-21T12:00:00Z")).toBe(true);
    expect(at("2026-11-23T12:00:00Z")).toBe(false);
    const without = read("");
    expect(without.ok && hoursRules(without.value)).toBeUndefined();
  });

  it("that can not be meant are complained about", () => {
    expect(complaints("login: { hours: { zone: Mars/North } }")).toContain("no time zone");
    expect(
      complaints('login: { hours: { prohibited: [{ from: "22:00", to: "06:00" }] } }'),
    ).toContain("write a time over midnight as two");
    expect(complaints("policy: { reauth: { attemptsAtProhibitedTime: 3 } }")).toContain(
      "no time is prohibited",
    );
  });
});

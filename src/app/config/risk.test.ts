import { describe, expect, it } from "vitest";
import { parseConfig } from "./load-config.js";
import type { Config } from "./config.js";

const HOST = { uid: 1000, gid: 1000, hostname: "node-1", processors: 2, passwd: "" };

function read(risk: string): ReturnType<typeof parseConfig> {
  const text = [
    "apiVersion: chaperone/v1",
    "kind: Sidecar",
    "people: [ { name: alice, password: { value: x } } ]",
    "targets: [ { name: local, protocol: ssh, shell: { command: [/bin/bash] } } ]",
    risk,
  ].join("\n");
  return parseConfig({ text, file: "/etc/chaperone.yaml", host: HOST });
}

function riskOf(text: string): Config["risk"] {
  const config = read(text);
  if (!config.ok) throw new Error(config.error.map((one) => one.message).join("\n"));
  return config.value.risk;
}

const faultsOf = (text: string): readonly string[] => {
  const config = read(text);
  return config.ok ? [] : config.error.map((one) => one.message);
};

describe("`risk:`", () => {
  it("is off where it is not written", () => {
    expect(riskOf("")).toBeUndefined();
  });

  it("has steps for people who write nothing into it", () => {
    expect(riskOf("risk: {}")).toEqual({
      mode: "enforce",
      policy: {
        steps: { notify: 30, warn: 45, reauth: 60, suspend: 80, kill: null },
        hysteresis: 10,
        halfLifeMs: 600_000,
        graceMs: 1_800_000,
      },
    });
  });

  it("takes scores, never, and rates of false alarms", () => {
    const steps = riskOf(
      "risk: { steps: { notify: never, reauth: { falseAlarms: 1% }, kill: 95 } }",
    );
    expect(steps?.policy.steps).toMatchObject({ notify: null, reauth: 59, kill: 95 });
    const rare = riskOf("risk: { steps: { suspend: { falseAlarms: 0.01% } } }");
    expect(rare?.policy.steps.suspend).toBe(82);
  });

  it("refuses a step that a milder one is never reached before", () => {
    expect(faultsOf("risk: { steps: { reauth: 90 } }")[0]).toContain(
      "is taken from 80, before a milder step, which is taken from 90",
    );
  });

  it.each([
    "risk: { steps: { kill: 0 } }",
    "risk: { steps: { kill: 101 } }",
    "risk: { steps: { kill: { falseAlarms: 0.5 } } }",
    "risk: { levels: {} }",
    "risk: { mode: loud }",
  ])("refuses %s", (text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });
});

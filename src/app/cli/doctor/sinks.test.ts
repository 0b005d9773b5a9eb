import { afterEach, describe, expect, it } from "vitest";
import { httpDouble, type HttpDouble } from "../../../sinks/sink-lab.testing.js";
import { parseConfig, type Config } from "../../config/index.js";
import { examineSinks } from "./sinks.js";

function config(sinks: string): Config {
  const text = `apiVersion: chaperone/v1
kind: Sidecar
targets: [ { name: t, protocol: ssh, address: "127.0.0.1:1", hostKey: { trust: first-use }, accounts: [ { name: root, passthrough: true } ] } ]
events:
  sinks:
${sinks}`;
  const host = { uid: 1000, gid: 1000, processors: 1, hostname: "h", passwd: "" };
  const read = parseConfig({ text, file: "/nowhere/chaperone.yaml", host });
  if (!read.ok) throw new Error(read.error.map(({ message }) => message).join("\n"));
  return read.value;
}

describe("the doctor", () => {
  let double: HttpDouble | null = null;
  afterEach(() => double?.close());

  it("sends each sink one test event, and says which take it, which do not, and how to mend that", async () => {
    double = await httpDouble(() => ({ status: 204 }));
    const secret = "secret: { env: HOOK }";
    const found = await examineSinks(
      config(`    - { name: well, type: webhook, url: "${double.url}/a", ${secret} }
    - { name: gone, type: webhook, enforced: true, url: "http://127.0.0.1:1/", ${secret} }
    - { name: keyless, type: webhook, url: "${double.url}/b", secret: { env: NONE } }
`),
      { HOOK: "k" },
      "0.1.0",
    );
    expect(found.map(({ state, subject }) => `${state} ${subject}`)).toEqual([
      "fine sink well",
      "bad sink gone",
      "warn sink keyless",
    ]);
    expect(found[1]?.detail).toMatch(
      /^CHP_NET_UNREACHABLE 127\.0\.0\.1:1: .*webhook, cloudevents, enforced/,
    );
    expect(found[2]?.mend).toBeDefined();
    expect(double.seen).toHaveLength(1);
    expect(double.seen[0]?.body).toContain('"io.chaperone.sink.tested.v1"');
  });
});

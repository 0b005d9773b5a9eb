import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { harOf, openRequestLog } from "../recording/index.js";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startWebLab, type WebLab } from "./web-lab.testing.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: keep-live
    name: What is said to live pages is kept
    criticality: low
    match: { http: { path: /kept/**, upgrade: websocket } }
    action: { do: log, record: bodies }
`;

interface Entry {
  readonly _resourceType?: string;
  readonly request: { readonly url: string };
  readonly response: { readonly status: number; readonly headers: readonly { name: string }[] };
  readonly _webSocketMessages?: readonly {
    readonly type: string;
    readonly time: number;
    readonly opcode: number;
    readonly data: string;
    readonly comment?: string;
  }[];
}

/** An application that answers each message with itself, and says how it was left. */
describe("a WebSocket that is no terminal", () => {
  let application: Server;
  let lab: WebLab;
  const left: [path: string, code: number, reason: string][] = [];
  const heard: string[] = [];
  const open: WebSocket[] = [];
  beforeAll(async () => {
    application = createServer((_request, reply) => reply.writeHead(426).end());
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: true,
      handleProtocols: (offered) => [...offered].at(-1) ?? false,
    });
    application.on("upgrade", (request, socket, first) => {
      const path = request.url ?? "";
      if (path.endsWith("/other")) {
        socket
          .resume()
          .end("HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: Upgrade\r\n\r\n");
        return;
      }
      if (path.startsWith("/kept/none")) {
        socket.resume().end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, first, (page) => {
        page.on("error", () => undefined);
        page.on("message", (message: Buffer, binary) => {
          heard.push(message.toString());
          if (message.toString() === "leave") page.close(4_321, "as you wish");
          else page.send(message, { binary });
        });
        page.on("close", (code, reason) => left.push([path, code, reason.toString()]));
        if (path.includes("shell")) page.send("\u001b[?2004h$ ");
      });
    });
    await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
    const { port } = application.address() as AddressInfo;
    lab = await startWebLab({ rules: RULES, targetPort: port });
  });
  afterAll(async () => {
    for (const page of open) page.terminate();
    await lab.close();
    await new Promise((resolve) => application.close(resolve));
  });

  async function openPage(path: string, protocols: readonly string[] = []) {
    const headers = { "x-gateway-assertion": lab.assertion("alice") };
    const address = `ws://127.0.0.1:${String(lab.port)}${path}`;
    const page = new WebSocket(address, [...protocols], { headers });
    open.push(page);
    const said: string[] = [];
    const closed: [number, string][] = [];
    page.on("message", (message: Buffer) => said.push(message.toString()));
    page.on("close", (code, reason) => closed.push([code, reason.toString()]));
    await new Promise((resolve, reject) => page.once("open", resolve).once("error", reject));
    return { page, said, closed };
  }

  async function log(): Promise<{ readonly text: string; readonly entries: readonly Entry[] }> {
    const folder = join(lab.dir, "var", "recordings");
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const files = names.filter((name) => name.endsWith("-0.web")).map((name) => join(folder, name));
    const entries: Entry[] = [];
    for (const file of files) {
      const opened = await openRequestLog(file, null);
      if (!opened.ok) throw new Error(opened.error.message);
      const har = JSON.parse([...harOf(opened.value.log, { version: "1" })].join("")) as {
        log: { entries: Entry[] };
      };
      entries.push(...har.log.entries);
    }
    return { text: files.map((file) => readFileSync(file, "utf8")).join(""), entries };
  }

  const entryOf = async (path: string): Promise<Entry | undefined> =>
    (await log()).entries.find(({ request }) => request.url.includes(path));
  const saidIn = (entry: Entry | undefined): readonly (readonly [string, number, string])[] =>
    (entry?._webSocketMessages ?? []).map(({ type, opcode, data }) => [type, opcode, data]);

  it("is kept message by message where a rule wants bodies, without its secrets", async () => {
    const { page, said } = await openPage("/kept/live?token=s3cr3t-1", ["v1", "v2"]);
    expect(page.protocol).toBe("v2");
    page.send('{"type":"connection_init","payload":{"Authorization":"s3cr3t-2"}}');
    page.send("plain password=s3cr3t-3 text");
    page.send(Buffer.from([0, 1, 2, 3, 255]));
    page.send("2");
    page.send(`["${"x".repeat(200_000)}"]`);
    page.send("the last");
    await eventually(() => said.at(-1)).toBe("the last");
    // It is in the log while the socket is open.
    const last = ["receive", 1, "the last"];
    await eventually(async () => saidIn(await entryOf("/kept/live"))).toContainEqual(last);
    page.close(4_000, "that is all");
    await eventually(() => left).toContainEqual([
      "/kept/live?token=s3cr3t-1",
      4_000,
      "that is all",
    ]);
    await eventually(() => lab.events("web.requested").length).toBe(1);
    await eventually(async () => (await entryOf("/kept/live"))?.response.status).toBe(101);

    const entry = await entryOf("/kept/live");
    expect((await log()).text).not.toContain("s3cr3t");
    expect(entry?._resourceType).toBe("websocket");
    expect(entry?.request.url).toMatch(/^ws:.*\/kept\/live\?token=\[masked\]$/);
    const own = saidIn(entry).filter(([type]) => type === "send");
    expect(own).toEqual([
      ["send", 1, '{"type":"connection_init","payload":{"Authorization":"[masked]"}}'],
      ["send", 1, "plain password=[masked] text"],
      ["send", 2, "AAECA/8="],
      ["send", 1, ""],
      ["send", 1, "the last"],
    ]);
    expect(entry?._webSocketMessages?.find(({ data }) => data === "")?.comment).toContain("longer");
    const times = (entry?._webSocketMessages ?? []).map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(Math.abs((times[0] ?? 0) - Date.now() / 1_000)).toBeLessThan(600);
  });

  it("is left as either side says, and what is no WebSocket is told as such", async () => {
    const { page, closed } = await openPage("/kept/close");
    page.send("leave");
    await eventually(() => closed).toEqual([[4_321, "as you wish"]]);
    await expect(openPage("/kept/none")).rejects.toThrow("404");
    for (const path of ["/live/other", "/kept/other"]) {
      await expect(openPage(path)).rejects.toThrow("502");
    }
    const gone = await openPage("/kept/gone");
    gone.page.terminate();
    await eventually(() => left.find(([path]) => path === "/kept/gone")?.[1]).toBe(1_001);
  });

  it("is not kept where no rule wants it", async () => {
    const { page, said, closed } = await openPage("/plain");
    page.send("never kept");
    await eventually(() => said).toEqual(["never kept"]);
    page.close(4_000, "bye");
    await eventually(() => closed.length).toBe(1);
    await eventually(async () => (await entryOf("/plain"))?.response.status).toBe(101);
    expect((await log()).text).not.toContain("never kept");
  });

  it("that is a terminal which nobody has named brings nothing of what is typed into any file", async () => {
    const { page, said } = await openPage("/kept/shell");
    await eventually(() => said.length).toBe(1);
    for (const key of "hunter2-typed") page.send(key);
    page.send("hunter2-typed\r");
    await eventually(() => said.at(-1)).toBe("hunter2-typed\r");
    const other = await openPage("/kept/notebook");
    other.page.send(JSON.stringify(["stdin", "hunter2-typed\r"]));
    await eventually(() => other.said.length).toBe(1);
    for (const { page: one } of [{ page }, other]) one.close();
    await eventually(() => left.filter(([path]) => /shell|notebook/.test(path)).length).toBe(2);
    await eventually(async () => (await entryOf("/kept/notebook"))?.response.status).toBe(101);
    const sent = saidIn(await entryOf("/kept/shell")).filter(([type]) => type === "send");
    expect(sent).toEqual([["send", 1, ""]]);
    const recordings = join(lab.dir, "var");
    for (const name of readdirSync(recordings, { recursive: true, encoding: "utf8" })) {
      const file = join(recordings, name);
      if (!statSync(file).isFile()) continue;
      const lines = readFileSync(file, "utf8").split("\n");
      expect(lines.filter((line) => line.includes('"person"') && /hunter2/.test(line))).toEqual([]);
    }
  });

  it.each(["/live", "/kept/waits"])("at %s waits while its session is suspended", async (path) => {
    const { page, said } = await openPage(path);
    page.send("before");
    await eventually(() => said).toEqual(["before"]);
    const listed = (await lab.api("GET", "/v1/sessions")) as { sessions: { id: string }[] };
    const order = async (what: string): Promise<void> => {
      for (const { id } of listed.sessions) {
        await lab.api("POST", `/v1/sessions/${id}/${what}`, { reason: "a look" });
      }
    };
    await order("suspend");
    page.send(`meanwhile ${path}`);
    const asked = lab.ask("/behind");
    // What somebody else asks afterwards is answered, so that it would have been heard.
    const person = `p${path.replaceAll("/", "-")}`;
    for (let i = 0; i < 2; i += 1) await lab.ask("/other", { person });
    expect(heard).not.toContain(`meanwhile ${path}`);
    await order("resume");
    await eventually(() => said).toEqual(["before", `meanwhile ${path}`]);
    expect((await asked).status).toBe(426);
    page.close();
  });
});

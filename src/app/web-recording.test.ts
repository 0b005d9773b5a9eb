import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { harOf, openRequestLog } from "../recording/index.js";
import { eventually } from "../runtime/testing/eventually.testing.js";
import { startWebLab, type WebLab } from "./web-lab.testing.js";

const RULES = `apiVersion: chaperone/v1
kind: RulePack
metadata: { name: lab, version: 1.0.0 }
rules:
  - id: keep-api
    name: What is sent to the API is kept
    criticality: low
    match: { http: { path: /api/** } }
    action: { do: log, record: bodies }
  - id: no-delete
    name: Nothing is deleted, and what was to be deleted is kept
    criticality: high
    match: { http: { method: DELETE } }
    action: { do: block, record: bodies }
  - id: keep-reports
    name: Reports are kept as they are answered
    criticality: low
    match: { http: { contentType: text/csv } }
    action: { do: log, record: bodies }
`;

interface Har {
  readonly log: {
    readonly version: string;
    readonly pages: readonly { readonly title: string }[];
    readonly entries: readonly {
      readonly request: {
        readonly method: string;
        readonly url: string;
        readonly headers: readonly { readonly name: string; readonly value: string }[];
        readonly postData?: { readonly text: string; readonly comment?: string };
      };
      readonly response: {
        readonly status: number;
        readonly content: {
          readonly text?: string;
          readonly encoding?: string;
          readonly comment?: string;
        };
      };
    }[];
  };
}

describe("the recording of a web session", () => {
  let application: Server;
  let lab: WebLab;
  beforeAll(async () => {
    application = createServer((request, reply) => {
      request.resume();
      const { pathname } = new URL(request.url ?? "", "http://application");
      const answer = (type: string, body: Buffer | string, more = {}): void => {
        reply.writeHead(200, { "content-type": type, "set-cookie": "sid=s3cr3t-cookie", ...more });
        reply.end(body);
      };
      if (pathname === "/api/packed") {
        const json = JSON.stringify({ rows: [1, 2], apiToken: "s3cr3t-token" });
        answer("application/json", gzipSync(json), { "content-encoding": "gzip" });
      } else if (pathname === "/api/bomb") {
        const zeros = gzipSync(Buffer.alloc(2_000_000, " "));
        answer("application/json", zeros, { "content-encoding": "gzip" });
      } else if (pathname === "/api/picture") {
        answer("image/png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]));
      } else if (pathname === "/report") answer("text/csv", "a;b\n1;2\n");
      else if (pathname.endsWith(".zip")) answer("application/zip", "no archive");
      else answer("text/plain", "password=s3cr3t-text and more");
    });
    await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
    const { port } = application.address() as AddressInfo;
    lab = await startWebLab({ rules: RULES, targetPort: port });
  });
  afterAll(async () => {
    await lab.close();
    await new Promise((resolve) => application.close(resolve));
  });

  async function recorded(): Promise<{ readonly path: string; readonly text: string }> {
    const folder = join(lab.dir, "var", "recordings");
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    const path = join(folder, names.find((name) => name.endsWith("-0.web")) ?? "");
    return Promise.resolve({ path, text: readFileSync(path, "utf8") });
  }

  it("holds every request without its secrets, and what it carried where a rule says so", async () => {
    const cookies = new Map<string, string>();
    const json = { "content-type": "application/json", authorization: "Bearer s3cr3t-bearer" };
    await lab.ask("/plain?page=2&access_token=s3cr3t-query", {
      cookies,
      headers: { "x-api-key": "s3cr3t-header", referer: "http://a/?code=s3cr3t-code" },
    });
    const post = { method: "POST", cookies, headers: json };
    await lab.ask("/api/users", { ...post, body: '{"name":"bob","password":"s3cr3t-body"}' });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await lab.ask("/api/form", { ...post, headers: form, body: "a=1&pwd=s3cr3t-form" });
    await lab.ask("/api/long", { ...post, body: `["${"x".repeat(200_000)}"]` });
    for (const path of ["/api/packed", "/api/bomb", "/api/picture", "/report"]) {
      await lab.ask(path, { cookies });
    }
    await lab.ask("/things/7", { method: "DELETE", cookies, headers: json, body: '{"really":1}' });
    await lab.ask("/last", { cookies });
    await eventually(async () => (await recorded()).text).toContain("/last");

    const { path, text } = await recorded();
    expect(text).not.toContain("s3cr3t");
    const opened = await openRequestLog(path, null);
    if (!opened.ok) throw new Error(opened.error.message);
    const har = JSON.parse([...harOf(opened.value.log, { version: "1" })].join("")) as Har;
    expect(har.log.version).toBe("1.2");
    const of = (part: string) => {
      const found = har.log.entries.find(({ request }) => request.url.includes(part));
      if (found === undefined) throw new Error(`no ${part}`);
      return found;
    };
    expect(of("/plain").request.url).toMatch(/\/plain\?page=2&access_token=\[masked\]$/);
    const { headers } = of("/plain").request;
    expect(headers).toContainEqual({ name: "referer", value: "http://a/?code=[masked]" });
    expect(headers).toContainEqual(
      expect.objectContaining({ name: "x-gateway-assertion", value: "" }),
    );
    expect(of("/plain").response.content.text).toBeUndefined();
    expect(of("/api/users").request.postData?.text).toBe('{"name":"bob","password":"[masked]"}');
    expect(of("/api/users").response.content.text).toBe("password=[masked] and more");
    expect(of("/api/form").request.postData?.text).toBe("a=1&pwd=%5Bmasked%5D");
    expect(of("/api/long").request.postData).toMatchObject({
      text: "",
      comment: expect.stringContaining("longer") as string,
    });
    expect(of("/api/packed").response.content.text).toBe('{"rows":[1,2],"apiToken":"[masked]"}');
    expect(of("/api/bomb").response.content.text).toBeUndefined();
    expect(of("/api/bomb").response.content.comment).toContain("longer");
    expect(of("/api/picture").response.content).toMatchObject({
      encoding: "base64",
      text: "iVBORwABAgM=",
    });
    expect(of("/report").response.content.text).toBe("a;b\n1;2\n");
    expect(of("/things/7")).toMatchObject({
      request: { method: "DELETE", postData: { text: '{"really":1}' } },
      response: { status: 403 },
      _decision: "blocked",
      _rules: ["no-delete"],
    });
  });

  it("and everything else that is kept holds no secret of addresses, names and broken forms", async () => {
    const cookies = new Map<string, string>();
    const made = "s3cr3t0made1by2machine3";
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await lab.ask(`/api/reset-password/${made}`, { cookies });
    await lab.ask(`/api/invites/${made}`, { method: "DELETE", cookies });
    await lab.ask(`/invites/${made}/files.zip`, { cookies });
    await lab.ask(`/verify/${made}`, { method: "PUT", cookies, body: "a file" });
    await lab.ask(`/plain?${made}`, { cookies });
    // What `curl -d` sends where nobody says what it is.
    const json = '{"user":"bob","password":"s3cr3t-in-no-form"}';
    await lab.ask("/api/broken", { method: "POST", cookies, headers: form, body: json });
    await lab.ask("/api/bare", { method: "POST", cookies, headers: form, body: made });
    const boundary = { "content-type": "multipart/form-data; boundary=b" };
    const file = `--b\r\ncontent-disposition: form-data; name="f"; filename="password=${made}"\r\n\r\nx\r\n--b--\r\n`;
    await lab.ask("/api/file", { method: "POST", cookies, headers: boundary, body: file });
    await lab.ask("/done", { cookies });
    await eventually(async () => (await recorded()).text).toContain("/done");
    await eventually(() => lab.events("web.requested").at(-1)?.data["url"]).toMatch(/done$/);
    const hits = lab.events("rule.matched").map(({ data }) => data["evidence"]);
    expect(hits).toContainEqual(expect.stringMatching(/reset-password\/\[masked\]$/));
    const files = lab.events("file.transferred").map(({ data }) => data["path"]);
    expect(files).toContain("/invites/[masked]/files.zip");
    expect(files).toContain("/verify/[masked]");
    for (const name of readdirSync(lab.dir, { recursive: true, encoding: "utf8" })) {
      const path = join(lab.dir, name);
      if (!statSync(path).isFile()) continue;
      expect(readFileSync(path).includes("s3cr3t"), name).toBe(false);
    }
  });

  it("is listed and handed out as the others", async () => {
    const listed = (await lab.api("GET", "/v1/recordings")) as {
      recordings: { id: string; format: string; channel: number; live: boolean }[];
    };
    expect(listed.recordings).toMatchObject([{ format: "requests", channel: 0, live: true }]);
  });
});

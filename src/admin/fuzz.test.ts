// Every call of the API document, with what fits it and what does not: nothing makes the server fail, and
// nothing is answered that the document does not describe.
import fc from "fast-check";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { describeApi } from "./describe-api.js";
import { aSession, startAdminLab, TOKENS, type AdminLab } from "./lab.testing.js";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}
interface Operation {
  readonly operationId: string;
  readonly "x-websocket"?: { readonly subprotocol: string; readonly send: Schema };
  readonly parameters?: readonly { in: string; name: string; required?: boolean; schema: Schema }[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
  readonly responses: Readonly<
    Record<string, { content?: Record<string, { schema: Schema }> } | undefined>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

let lab: AdminLab;
let document: Document;
beforeAll(async () => {
  lab = await startAdminLab();
  document = (await describeApi()) as Document; // our own document
});
afterAll(() => lab.end());

const NASTY = [
  "",
  ".",
  "..",
  "../../etc/passwd",
  "%00",
  "%",
  "%zz",
  "\u0000",
  "\u001b[2J",
  "\u202e",
  "\ud800",
  "__proto__",
  "constructor",
  "a".repeat(300),
  "s-1",
  "alice",
  "' OR 1=1",
  "<script>",
  "null",
  "\r\nx-injected: 1",
] as const;

const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary", maxLength: 40 }));
const junk = fc.oneof(
  nasty,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(nasty, { maxLength: 3 }),
  fc.dictionary(nasty, nasty, { maxKeys: 3 }),
);

/** Mostly what the schema says, now and then something else. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 6, arbitrary: fitting(schema) }, { weight: 1, arbitrary: junk });
}

function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return fc.oneof(...either.map(valueOf));
  switch (schema.type ?? "string") {
    case "object": {
      const entries = Object.entries(schema.properties ?? {});
      if (entries.length === 0) return fc.dictionary(nasty, nasty, { maxKeys: 4 });
      const shape = Object.fromEntries(entries.map(([name, inner]) => [name, valueOf(inner)]));
      return fc.record(shape, { requiredKeys: [...(schema.required ?? [])] });
    }
    case "array":
      return fc.array(valueOf(schema.items ?? {}), { maxLength: 4 });
    case "integer":
    case "number":
      return fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 1e300, 0.5));
    case "boolean":
      return fc.boolean();
    default:
      return fc.oneof(nasty, fc.constantFrom("s-1", "alice", "db-1", "why", "127.0.0.1"));
  }
}

interface Shot {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

function shots(): fc.Arbitrary<Shot> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return fc.constantFrom(...all).chain(({ path, method, operation }) => {
    const inside = (where: string) =>
      Object.fromEntries(
        (operation.parameters ?? [])
          .filter((one) => one.in === where)
          .map((one) => [one.name, valueOf(one.schema)]),
      );
    const bodySchema = operation.requestBody?.content["application/json"]?.schema;
    return fc.record({
      operation: fc.constant(operation),
      method: fc.constant(method.toUpperCase()),
      path: fc.constant(path),
      params: fc.record(inside("path")),
      query: fc.record(inside("query"), { requiredKeys: [] }),
      body: bodySchema === undefined ? fc.constant(undefined) : valueOf(bodySchema),
    });
  });
}

function urlOf({ path, params, query }: Shot): string {
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const at = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(Buffer.from(text(params[name])).toString()),
  );
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, text(value)]),
  );
  return `${at}?${search.toString()}`;
}

/** What the document's schema has against a value; empty when it fits. */
function misfits(value: unknown, schema: Schema, at = "$"): readonly string[] {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace("#/components/schemas/", "");
    const target = document.components.schemas[name];
    return target === undefined ? [`${at}: no ${name}`] : misfits(value, target, at);
  }
  if (schema.const !== undefined) return value === schema.const ? [] : [at];
  if (schema.enum !== undefined) return schema.enum.includes(value as string) ? [] : [at];
  switch (schema.type ?? "any") {
    case "object":
      return misfitsOfObject(value, schema, at);
    case "array":
      return Array.isArray(value)
        ? value.flatMap((one, index) => misfits(one, schema.items ?? {}, `${at}[${index}]`))
        : [at];
    case "integer":
      return Number.isInteger(value) ? [] : [at];
    case "boolean":
    case "string":
      return typeof value === schema.type ? [] : [at];
    default:
      return [];
  }
}

function misfitsOfObject(value: unknown, schema: Schema, at: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [at];
  const known = schema.properties ?? {};
  const fields = value as Readonly<Record<string, unknown>>;
  const more = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
  const missing = (schema.required ?? []).filter((name) => !(name in fields));
  return [
    ...missing.map((name) => `${at}.${name} missing`),
    ...Object.entries(fields).flatMap(([name, one]) => {
      const field = known[name] ?? more;
      return field === null ? [`${at}.${name} unknown`] : misfits(one, field, `${at}.${name}`);
    }),
  ];
}

describe("the API document", () => {
  it("is OpenAPI 3.1, names every call once, and says of each what may come back", () => {
    expect(document.openapi).toBe("3.1.0");
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const ids = operations.map((one) => one.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { responses } of operations) {
      // A WebSocket is opened with 101 (RFC 6455 section 4.2.2).
      expect(Object.keys(responses).some((status) => /^(?:2|101)/.test(status))).toBe(true);
      expect(Object.keys(responses)).toContain("400");
    }
  });

  it("is kept, whatever is sent: no call fails inside, and every answer is described", async () => {
    await fc.assert(
      fc.asyncProperty(shots(), async (shot) => {
        lab.sessions.set("s-1", aSession("s-1"));
        lab.frames = [{ type: "end", reason: "over" }];
        const response = await lab.call(urlOf(shot), { method: shot.method, body: shot.body });
        const text = await response.text();
        const described = shot.operation.responses[String(response.status)];
        // A path that the parameters have changed into another one is answered as that one, or not at all.
        if (/^\/v1\/[^?]*(?:\/\/|\/\.{1,2}(?:\/|\?|$))/.test(urlOf(shot))) {
          expect([200, 202, 400, 404]).toContain(response.status);
          return;
        }
        expect(response.status, text).not.toBe(500);
        expect(described, `${shot.operation.operationId} ${response.status} ${text}`).toBeDefined();
        const json = described?.content?.["application/json"]?.schema;
        if (json !== undefined) expect(misfits(JSON.parse(text), json)).toEqual([]);
        expect(response.headers.get("x-injected")).toBeNull();
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
      }),
    );
  });
});

describe("the WebSocket in the API document", () => {
  const stream = () => document.paths["/v1/sessions/{id}/stream"]?.["get"];

  function connect(path: string, token: string, more: Readonly<Record<string, string>> = {}) {
    const socket = new WebSocket(`ws://127.0.0.1:${lab.port}${path}`, "chaperone.v1", {
      headers: { authorization: `Bearer ${token}`, ...more },
    });
    // What it is refused with is told by `unexpected-response`; an error follows it.
    socket.on("error", () => undefined);
    return socket;
  }

  it("is opened to the role that it names, on its own host, for a session that there is", async () => {
    const refusedWith = async (...open: Parameters<typeof connect>): Promise<number> => {
      const socket = connect(...open);
      const [, response] = (await once(socket, "unexpected-response")) as [
        unknown,
        { readonly statusCode: number },
      ];
      socket.terminate();
      return response.statusCode;
    };
    const described = Object.keys(stream()?.responses ?? {});
    const path = "/v1/sessions/s-1/stream";
    const refused = [
      await refusedWith(path, "no token of ours"),
      await refusedWith(path, TOKENS.operator),
      await refusedWith("/v1/sessions/%zz/stream", TOKENS.admin),
      await refusedWith("/v1/nothing", TOKENS.admin),
      await refusedWith(path, TOKENS.admin, { origin: "https://evil.example" }),
      await refusedWith(path, TOKENS.admin, { host: "evil.example" }),
    ];
    expect(refused).toEqual([401, 403, 404, 404, 421, 421]);
    for (const status of refused) expect(described).toContain(String(status));
    expect(lab.streamed).toEqual([]);
  });

  it("takes the frames that are described, and closes on everything else", async () => {
    const send = stream()?.["x-websocket"]?.send;
    if (send === undefined) throw new Error("the document does not describe the frames");
    const text = fc.oneof(
      { weight: 4, arbitrary: valueOf(send).map((one) => JSON.stringify(one)) },
      { weight: 1, arbitrary: nasty },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 6 }), async (frames) => {
        lab.streamed.length = 0;
        const socket = connect("/v1/sessions/s-1/stream", TOKENS.admin);
        const closed = once(socket, "close") as Promise<[number]>;
        await once(socket, "open");
        for (const frame of frames) socket.send(frame);
        socket.close(1000);
        const [code] = await closed;
        expect([1000, 1005, 1008, 1009]).toContain(code);
        await vi.waitFor(() => expect(lab.streamed.at(-1)).toBe("gone"), { timeout: 15_000 });
        const taken = lab.streamed.slice(0, -1);
        expect(taken.length).toBeLessThanOrEqual(frames.length);
        if (code === 1008) expect(taken.length).toBeLessThan(frames.length);
        expect((await lab.call("/v1/health")).status).toBe(200);
      }),
      { numRuns: 40 },
    );
  });
});

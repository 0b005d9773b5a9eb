import type { IncomingMessage, ServerResponse } from "node:http";
import swagger from "@fastify/swagger";
import createFastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from "fastify";
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import { describeError, err, fault, type Fault, ok, type Result } from "../../kernel/index.js";
import { mayAct } from "../access/role.js";
import type { AdminPorts, Caller } from "../ports.js";
import type { Call, CallSubject, Reply, Route } from "../route.js";
import { openStreamDoor } from "../inspect/stream-door.js";
import { withStream } from "../inspect/stream-document.js";
import { createGate, type GateOptions } from "./gate.js";
import { sendLive } from "./live-reply.js";
import { DOCUMENT_INFO, operationSchema } from "./operation-schema.js";
import { faultOf, refuse } from "./refusal.js";
import { shownBy } from "./shown-by.js";
import { statusOf } from "./status.js";

declare module "fastify" {
  interface FastifyContextConfig {
    readonly route?: Route;
  }
}

/** The one door to fastify: the table of routes as an HTTP server, and as an OpenAPI document. */
export interface AdminServer {
  listen(address: string, port: number): Promise<Result<{ address: string; port: number }, Fault>>;
  close(): Promise<void>;
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Whose client certificates are taken; absent: none are asked for. */
  readonly clientCa?: Buffer;
}

export interface ServerOptions extends GateOptions {
  readonly routes: readonly Route[];
  readonly tls?: TlsFiles;
  readonly patience?: Patience;
  /** Told after each call: operation, HTTP status and how long it took. */
  readonly answered: (operation: string, status: number, seconds: number) => void;
}

/** How long a caller may take. */
export interface Patience {
  /** A whole request has to be here by then: who sends it drop by drop only takes a place. */
  readonly requestMs: number;
  /** A connection that says nothing, or takes nothing of its answer. */
  readonly silentMs: number;
}

const PATIENCE: Patience = { requestMs: 10_000, silentMs: 30_000 };
/** How often Node looks for requests that are late. */
const LATE_LOOK_MS_MAX = 1_000;
/** Of calls without a bound of their own: a reason, a message, a token's labels. */
const BODY_BYTES_MAX = 16 * 1024;
const HEAD_BYTES_MAX = 8 * 1024;
/** Callers are a console, some scripts and a gateway; more are a flood. */
const CONNECTIONS_MAX = 512;
/** Ids of keys are the longest (WebAuthn level 3 section 4: 1023 bytes, in base64url). */
const PARAM_LENGTH_MAX = 1_400;

export async function createAdminServer(
  ports: AdminPorts,
  options: ServerOptions,
): Promise<Result<AdminServer, Fault>> {
  try {
    const app = await build(ports, options);
    return ok(serverOf(app));
  } catch (error) {
    // Fastify throws for a certificate that is none; nothing else is left to chance here.
    return err(fault("CHP_ADMIN_TLS", describeError(error)));
  }
}

/** The document without a server: what `docs/reference/openapi.json` holds. */
export async function describeRoutes(routes: readonly Route[]): Promise<unknown> {
  const app = createFastify();
  await prepare(app);
  for (const route of routes) {
    app.route({ ...frameOf(route), handler: () => undefined });
  }
  await app.ready();
  const document = app.swagger();
  await app.close();
  return withoutUnused(withStream(document));
}

/**
 * Each schema is made for both directions; what nothing refers to is left out. In order of their names: they
 * register themselves in the order in which modules happen to be loaded.
 */
function withoutUnused(document: object): unknown {
  const { components = {} } = document as { readonly components?: { readonly schemas?: object } }; // OpenAPI
  let schemas = Object.entries(components.schemas ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  for (let before = -1; before !== schemas.length;) {
    before = schemas.length;
    const rest = { ...document, components: { schemas: Object.fromEntries(schemas) } };
    const text = JSON.stringify(rest);
    schemas = schemas.filter(([name]) => text.includes(`"#/components/schemas/${name}"`));
  }
  return { ...document, components: { ...components, schemas: Object.fromEntries(schemas) } };
}

async function build(ports: AdminPorts, options: ServerOptions): Promise<FastifyInstance> {
  const { tls, patience = PATIENCE } = options;
  const node = {
    maxHeaderSize: HEAD_BYTES_MAX,
    connectionsCheckingInterval: Math.min(LATE_LOOK_MS_MAX, patience.requestMs),
  };
  const app = createFastify({
    logger: false,
    trustProxy: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: patience.requestMs,
    connectionTimeout: patience.silentMs,
    keepAliveTimeout: patience.silentMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // A URL that can not be decoded never reaches a hook.
    frameworkErrors: (_error, _request, reply) => {
      void refuse(reply, fault("CHP_ADMIN_BAD_REQUEST", "the path can not be decoded"));
    },
    ...(tls === undefined ? { http: node } : { https: { ...node, ...secured(tls) } }),
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.server.headersTimeout = patience.requestMs;
  app.removeContentTypeParser("text/plain");
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  const gate = createGate(options);
  guard(app, ports, { ...options, gate });
  const streams = openStreamDoor({ server: app.server, gate, shownBy, ports });
  app.addHook("onClose", () => {
    streams.close();
    return Promise.resolve();
  });
  for (const route of options.routes) {
    app.route({ ...frameOf(route), handler: handlerOf(route, ports) });
  }
  return app;
}

async function prepare(app: FastifyInstance): Promise<void> {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(swagger, {
    openapi: DOCUMENT_INFO as never, // its types do not know `mutualTLS`, which OpenAPI 3.1 has
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
}

function secured(tls: TlsFiles) {
  const { cert, key, clientCa } = tls;
  return {
    cert,
    key,
    minVersion: "TLSv1.2" as const,
    // Not refused by the handshake: a caller may have a token instead, and a refusal is an event.
    ...(clientCa === undefined
      ? {}
      : { ca: clientCa, requestCert: true, rejectUnauthorized: false }),
  };
}

type Frame = Pick<RouteOptions, "method" | "url" | "schema" | "bodyLimit" | "config">;

function frameOf(route: Route): Frame {
  return {
    method: route.method,
    url: route.path,
    schema: operationSchema(route),
    ...(route.bodyBytesMax === undefined ? {} : { bodyLimit: route.bodyBytesMax }),
    config: { route },
  };
}

/** Every request passes here first, also those to paths that do not exist. */
function guard(
  app: FastifyInstance,
  ports: AdminPorts,
  { gate, answered }: Pick<ServerOptions, "answered"> & { gate: ReturnType<typeof createGate> },
): void {
  app.addHook("onRequest", async (request, reply) => {
    const shown = shownBy(request.raw);
    const route = routeOf(request);
    if (!gate.isOwn(shown)) {
      if (gate.foreign(shown).tell)
        tellRefused(ports, request, { fault: FOREIGN, peer: shown.peer });
      return refuse(reply, FOREIGN);
    }
    if (route?.needs === null) return undefined;
    const admitted = gate.admit(shown);
    if (admitted.type === "refused") {
      if (admitted.tell) tellRefused(ports, request, { fault: admitted.fault, peer: shown.peer });
      if (admitted.waitMs > 0) reply.header("retry-after", Math.ceil(admitted.waitMs / 1_000));
      if (statusOf(admitted.fault.code) === 401) reply.header("www-authenticate", "Bearer");
      return refuse(reply, admitted.fault);
    }
    const { caller } = admitted;
    callers.set(request.raw, caller);
    if (route !== undefined && !mayAct(caller.role, route.needs)) {
      const refused = fault(
        "CHP_ADMIN_FORBIDDEN",
        `${route.operation} needs the role ${route.needs}`,
      );
      tellRefused(ports, request, { fault: refused, caller });
      return refuse(reply, refused);
    }
    return undefined;
  });
  app.addHook("onResponse", async (request, reply) => {
    const operation = routeOf(request)?.operation ?? "none";
    answered(operation, reply.statusCode, reply.elapsedTime / 1_000);
  });
  app.setNotFoundHandler((_request, reply) =>
    refuse(
      reply,
      fault("CHP_ADMIN_NOT_FOUND", "there is no such call; docs/reference/openapi.json lists them"),
    ),
  );
  app.setErrorHandler((error, request, reply) => {
    const refused = faultOf(error);
    if (refused.code === "CHP_ADMIN_INTERNAL") {
      const place = error instanceof Error ? (error.stack?.split("\n")[1]?.trim() ?? "") : "";
      ports.log.error("admin-call-failed", { operation: routeOf(request)?.operation, place });
    }
    const caller = callers.get(request.raw);
    if (caller !== undefined) tellRefused(ports, request, { fault: refused, caller });
    return refuse(reply, refused);
  });
}

const FOREIGN = fault("CHP_ADMIN_FOREIGN", "`Host` or `Origin` is not the sidecar's own");
/** Who was admitted, for the time of the request. */
const callers = new WeakMap<IncomingMessage, Caller>();
const NOBODY: Caller = { name: "", role: "viewer", means: "token", origin: "" };

function handlerOf(route: Route, ports: AdminPorts) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const caller = callers.get(request.raw) ?? NOBODY;
    const call = {
      params: request.params,
      query: request.query,
      body: request.body,
      caller,
    } as Call<never, never, never>; // what the schemas of this very route let through
    if (route.needs !== null && !tellAdmitted(ports, route, call)) {
      return refuse(
        reply,
        fault("CHP_ADMIN_BUSY", "the call could not be told, so it is not done"),
      );
    }
    const outcome = await route.handle(call, ports);
    if (!outcome.ok) return refuse(reply, outcome.error);
    return send(reply, { route, value: outcome.value, ports });
  };
}

function send(
  reply: FastifyReply,
  { route, value, ports }: { route: Route; value: Reply; ports: AdminPorts },
): FastifyReply {
  reply.header("cache-control", "no-store");
  reply.header("x-content-type-options", "nosniff");
  switch (value.type) {
    case "json":
      return reply.code(route.answer.type === "json" ? route.answer.status : 200).send(value.body);
    case "text":
      return reply.type(value.media).send(value.text);
    case "file":
      return reply
        .type(value.media)
        .header("content-length", value.bytes)
        .header("content-disposition", `attachment; filename="${value.fileName}"`)
        .send(value.content);
    case "live": {
      void sendLive(value.watch, takeOver(reply), ports.log);
      return reply;
    }
  }
}

/** From here on the response is ours; a silent viewer is found by the heartbeat, not by a timeout. */
function takeOver(reply: FastifyReply): ServerResponse {
  reply.hijack();
  reply.raw.socket?.setTimeout(0);
  return reply.raw;
}

function tellAdmitted(ports: AdminPorts, route: Route, call: Call<never, never, never>): boolean {
  const about: CallSubject = route.about?.(call) ?? {};
  const { name, role, origin } = call.caller;
  return ports.tell({
    type: "admin.called",
    data: { operation: route.operation, by: name, role, origin, outcome: "admitted", ...about },
  });
}

function tellRefused(
  ports: AdminPorts,
  request: FastifyRequest,
  facts: { readonly fault: Fault; readonly caller?: Caller; readonly peer?: string },
): void {
  ports.tell({
    type: "admin.called",
    data: {
      operation: routeOf(request)?.operation ?? "none",
      by: facts.caller?.name ?? "",
      role: facts.caller?.role ?? "",
      origin: facts.caller?.origin ?? facts.peer ?? "",
      outcome: "refused",
      reason: facts.fault.code,
    },
  });
}

function routeOf(request: FastifyRequest): Route | undefined {
  return request.routeOptions.config.route;
}

function serverOf(app: FastifyInstance): AdminServer {
  return {
    async listen(address, port) {
      try {
        await app.listen({ host: address, port });
      } catch (error) {
        const why = describeError(error);
        return err(fault("CHP_RUNTIME_LISTEN", `${address}:${port}: ${why}`));
      }
      const bound = app.server.address();
      return typeof bound === "object" && bound !== null
        ? ok({ address: bound.address, port: bound.port })
        : err(fault("CHP_RUNTIME_LISTEN", `${address}:${port}`));
    },
    close: () => app.close(),
  };
}

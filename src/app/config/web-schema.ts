import { z } from "zod";
import { path, port } from "./schema-words.js";

const hostName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
    "must be a host name in lower case, without port",
  );
const fieldName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, "must be a header name");
const claim = z.string().min(1).max(64);
const urlPath = z
  .string()
  .max(256)
  .regex(/^\/[A-Za-z0-9._~/-]*$/, "must be a path of letters, digits and `._~-`");

/** How the account's credential gets into the application. */
const login = z
  .strictObject({
    type: z
      .enum(["basic", "bearer", "header", "form"])
      .default("basic")
      .describe(
        "where the account's `password` goes: that of HTTP, a bearer token, a header, a form",
      ),
    header: fieldName.optional().describe("of `header`: its name"),
    path: urlPath.optional().describe("of `form`: the page with the form"),
    action: urlPath.optional().describe("of `form`: where it is posted; absent: to `path`"),
    user: z.string().min(1).max(128).default("username").describe("of `form`: name of the field"),
    password: z
      .string()
      .min(1)
      .max(128)
      .default("password")
      .describe("of `form`: name of the field"),
  })
  .prefault({});

/** What a target of the protocol `web` says beside its address. */
export const webTargetSchema = z
  .strictObject({
    scheme: z.enum(["http", "https"]).default("http").describe("how the application is spoken to"),
    hosts: z
      .array(hostName)
      .max(32)
      .default([])
      .describe("host names under which people reach it; absent: every host"),
    path: urlPath.default("/").describe("path under which people reach it, taken off on the way"),
    host: z
      .enum(["public", "target"])
      .default("public")
      .describe("the `Host` that the application sees: the one that the person called, or its own"),
    encodedSlash: z
      .enum(["refuse", "literal"])
      .default("refuse")
      .describe("`%2F` in paths: servers differ in what it means; `literal`: part of a name"),
    ca: path.optional().describe("PEM: the only authorities of its certificate"),
    serverName: hostName.optional().describe("name in its certificate, where it is not the host"),
    script: z
      .enum(["on", "off"])
      .default("off")
      .describe(
        "a script in its pages: rhythm of typing, messages of operators, questions over the page",
      ),
    terminals: z
      .array(
        z.strictObject({
          path: z
            .string()
            .max(256)
            .regex(/^\/[A-Za-z0-9._~/*-]*$/, "must be a path; `*` is one segment, `**` the rest")
            .describe("where the WebSocket is, below `path`"),
          dialect: z.enum(["xterm", "json", "ttyd", "kubernetes", "cockpit"]),
        }),
      )
      .max(64)
      .default([])
      .describe(
        "WebSockets that are terminals; ttyd, Kubernetes and Cockpit show themselves and need no entry",
      ),
    login,
  })
  .describe("of targets of the protocol `web`");

/** `listen.web`. One-time tokens are always taken. */
export const webListenerSchema = z
  .strictObject({
    address: z.string().min(1).max(255).describe("IP address or host name to bind"),
    port,
    tls: z
      .strictObject({
        cert: path,
        key: path,
        clientCa: path
          .optional()
          .describe("only who has a certificate of these may connect at all"),
      })
      .optional(),
    identity: z
      .strictObject({
        assertion: z
          .strictObject({
            header: fieldName.describe("the header with the signed assertion (JWT)"),
            keys: path.describe("a JWKS, or a public key in PEM; read again when it changes"),
            issuer: z.string().min(1).max(256).optional(),
            audience: z.string().min(1).max(256),
            person: claim.default("sub").describe("the claim that names the person"),
            groups: claim
              .default("groups")
              .describe("the claim with groups, for people who are not known here"),
            account: claim
              .default("account")
              .describe("the claim that names the account on the target"),
          })
          .optional(),
        header: z
          .strictObject({
            name: fieldName,
            from: z.array(z.string().min(1)).min(1).describe("peers (CIDR) that are believed"),
          })
          .optional()
          .describe("a header that holds the name of the person, unsigned"),
        certificate: z
          .boolean()
          .default(false)
          .describe("the common name of the client certificate is the person (`tls.clientCa`)"),
      })
      .prefault({})
      .describe("how the gateway says who the person is; one-time session tokens are always taken"),
    forwardAuth: z
      .strictObject({
        gateway: z
          .enum(["traefik", "nginx", "envoy"])
          .describe(
            "whose way of asking is believed; the fields of the others may be the person's",
          ),
        from: z.array(z.string().min(1)).min(1).describe("peers (CIDR) that may ask"),
      })
      .optional()
      .describe("a gateway that leads the requests itself may ask whether each may pass"),
    proxyProtocol: z
      .strictObject({
        from: z.array(z.string().min(1)).min(1).describe("peers (CIDR) whose header is read"),
      })
      .optional()
      .describe("balancers in front that say by the PROXY protocol, version 2, who connects"),
  })
  .describe("the reverse proxy to web applications; see docs/guide/web.md");

export type WebTargetEntry = z.infer<typeof webTargetSchema>;

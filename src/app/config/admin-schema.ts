import { z } from "zod";
import { name, path, port } from "./schema-words.js";

const role = z
  .enum(["viewer", "operator", "admin"])
  .describe("viewer: lists; operator: sessions, approvals, recordings; admin: everything");
const groups = z
  .array(name)
  .max(32)
  .default([])
  .describe("which `group:NAME` among the `approvers` of a rule the caller is");

/** `listen.admin`: the control API, and who may call it. */
export const adminListenerSchema = z
  .strictObject({
    address: z
      .string()
      .min(1)
      .max(255)
      .describe("IP address or host name to bind")
      .default("127.0.0.1"),
    port: port.default(8686),
    tokens: z
      .array(z.strictObject({ name, role, groups, file: path }))
      .max(100)
      .default([])
      .describe("who may call; a file that is missing is made with a random token, mode 0600"),
    clients: z
      .array(z.strictObject({ name: z.string().min(1).max(64), role, groups }))
      .max(1_000)
      .default([])
      .describe("who may call with a client certificate, by its common name (`tls.clientCa`)"),
    hosts: z
      .array(z.string().regex(/^[A-Za-z0-9._-]+(?::\d{1,5})?$/, "must be a host name"))
      .max(32)
      .default([])
      .describe("further names that callers may use for this listener (`Host`)"),
    tls: z
      .strictObject({
        cert: path,
        key: path,
        clientCa: path.optional().describe("who signs client certificates"),
      })
      .optional(),
  })
  .describe("the control API; see docs/guide/control-api.md");

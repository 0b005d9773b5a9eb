import { z } from "zod";
import { duration, path, secret } from "./schema-words.js";

/** Somebody who is asked by signed calls. */
export const gatewayWebhook = z.strictObject({
  webhook: z.string().min(1).max(2_048).describe("https, or http on loopback"),
  key: secret.describe("what both sides sign with: 32 bytes and more, in any form"),
  timeout: duration("3s").describe("later answers are refusals"),
  ca: path.optional().describe("who signs the other side's certificate (PEM)"),
});

/** Factors that are not typed into the terminal. */
export const factorsSchema = z.strictObject({
  webhook: gatewayWebhook
    .optional()
    .describe("a push provider or a gateway that asks the person elsewhere"),
  webauthn: z
    .strictObject({
      name: z.string().min(1).max(64).default("Chaperone").describe("shown by browsers"),
      domain: z
        .string()
        .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "must be a domain in lower case")
        .optional()
        .describe(
          "what keys are bound to: the host of `publicUrl` or a domain above it; a change makes every key worthless",
        ),
      userVerification: z
        .enum(["required", "preferred", "discouraged"])
        .default("required")
        .describe("whether the key asks for a PIN, a finger or a face"),
    })
    .optional()
    .describe("passkeys and security keys, on `listen.pages`"),
});

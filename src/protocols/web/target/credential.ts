import type { Secret } from "../../../kernel/index.js";
import type { HeaderField } from "../head/request-head.js";
import type { WebCredential } from "../ports.js";

/** Fields that carry the account's credential; none for a form, which is filled in once. */
export function credentialFields(credential: WebCredential): readonly HeaderField[] {
  switch (credential.type) {
    case "none":
    case "form":
      return [];
    case "basic": {
      const pair = credential.password.reveal((bytes) =>
        Buffer.concat([Buffer.from(`${credential.user}:`, "utf8"), bytes]).toString("base64"),
      );
      return [["authorization", `Basic ${pair}`]];
    }
    case "bearer":
      return [["authorization", `Bearer ${textOf(credential.token)}`]];
    case "header":
      return [[credential.name.toLowerCase(), textOf(credential.value)]];
  }
}

/** What the person may not say themselves, because we do. */
export function credentialNames(credential: WebCredential): readonly string[] {
  switch (credential.type) {
    case "none":
    case "form":
      return [];
    case "basic":
    case "bearer":
      return ["authorization"];
    case "header":
      return [credential.name.toLowerCase()];
  }
}

/** Header values are bytes; a line end in a secret would be a header of its own. */
function textOf(secret: Secret): string {
  return secret.reveal((bytes) => Buffer.from(bytes).toString("latin1")).replace(/[\r\n\0]/g, "");
}

import type { Place } from "../../kernel/index.js";

/** Where a secret is; what it is stays outside the configuration. */
export type SecretRef =
  | { readonly type: "env"; readonly name: string; readonly at: Place }
  | { readonly type: "file"; readonly path: string; readonly at: Place }
  /** A PHC string (`$argon2id$...`); only for passwords of people. */
  | { readonly type: "hash"; readonly phc: string; readonly at: Place }
  /** The secret itself; accepted for tests and warned about. */
  | { readonly type: "value"; readonly value: string; readonly at: Place };

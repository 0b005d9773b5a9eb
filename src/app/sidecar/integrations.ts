import { randomBytes } from "node:crypto";
import type { IntegrationSeed } from "../../session/index.js";
import type { Config } from "../config/index.js";

/** By target, where its shell is asked to tell what it runs. */
export type Integrations = Readonly<Record<string, IntegrationSeed["shell"]>>;

/** Longer than anybody can guess while a session lasts. */
const NONCE_BYTES = 16;

export function integrationsOf({ targets }: Pick<Config, "targets">): Integrations {
  return Object.fromEntries(
    targets.flatMap((target) =>
      "integration" in target && target.integration !== "off"
        ? [[target.name, target.integration] as const]
        : [],
    ),
  );
}

/** What one session is seeded with; its secret is known to it and to the shell that it asks. */
export function integrationOn(
  target: string,
  integrations: Integrations,
): { readonly integration?: IntegrationSeed } {
  const shell = integrations[target];
  if (shell === undefined) return {};
  return { integration: { shell, nonce: randomBytes(NONCE_BYTES).toString("hex") } };
}

import type { IntegratedShell } from "../../terminal/index.js";

/** How shells on terminals are asked to tell what they run. */
export interface IntegrationSeed {
  /** `auto`: told by how the prompt is drawn. */
  readonly shell: "auto" | IntegratedShell;
  /** Random and of this session alone: letters and digits. */
  readonly nonce: string;
}

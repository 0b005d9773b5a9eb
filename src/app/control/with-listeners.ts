import type { BoundAddress, RunningSidecar } from "../running-sidecar.js";
import type { Control } from "./control.js";

/** The sidecar with its other listeners; the control API takes no more orders when the sidecar stops. */
export function withListeners(
  sidecar: RunningSidecar,
  { control, pages }: { readonly control: Control | null; readonly pages: BoundAddress | null },
): RunningSidecar {
  return {
    addresses: {
      ...sidecar.addresses,
      ...(control === null ? {} : { admin: control.address }),
      ...(pages === null ? {} : { pages }),
    },
    hostKeys: sidecar.hostKeys,
    get rules() {
      return sidecar.rules;
    },
    closed: sidecar.closed,
    reloadRules: () => sidecar.reloadRules(),
    hangUp: () => sidecar.hangUp(),
    async stop(reason, drainMs) {
      await Promise.all([control?.close(), sidecar.stop(reason, drainMs)]);
    },
  };
}

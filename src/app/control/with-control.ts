import type { RunningSidecar } from "../running-sidecar.js";
import type { Control } from "./control.js";

/** The sidecar with its control API, which stops taking orders when the sidecar stops. */
export function withControl(sidecar: RunningSidecar, control: Control): RunningSidecar {
  return {
    addresses: { ...sidecar.addresses, admin: control.address },
    hostKeys: sidecar.hostKeys,
    get rules() {
      return sidecar.rules;
    },
    closed: sidecar.closed,
    reloadRules: () => sidecar.reloadRules(),
    hangUp: () => sidecar.hangUp(),
    async stop(reason, drainMs) {
      await Promise.all([control.close(), sidecar.stop(reason, drainMs)]);
    },
  };
}

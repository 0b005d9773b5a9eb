import { fault, type Fault } from "../../kernel/index.js";
import { isCidr, isLoopback } from "./address.js";
import type { Config, WebTarget } from "./config.js";
import type { ConfigFile } from "./schema.js";
import type { KeyPath, YamlDocument } from "./yaml-document.js";

/** What `listen.web` and web targets demand of each other. */
export function webListener(checked: {
  readonly entry: ConfigFile;
  readonly config: Omit<Config, "notices">;
  readonly document: YamlDocument;
}): readonly Fault[] {
  const { entry, config, document } = checked;
  const at = (path: KeyPath, message: string): Fault =>
    fault("CHP_CONFIG_CONFLICT", message, document.placeOf(path));
  const unsafe = (path: KeyPath, message: string): Fault =>
    fault("CHP_CONFIG_UNSAFE", message, document.placeOf(path));
  const targets = config.targets.filter((target) => target.type === "web");
  const faults = [...leadsBack(targets, config), ...sameRoute(targets)];
  const listener = entry.listen.web;
  const path: KeyPath = ["listen", "web"];
  if (listener === undefined) {
    const [first] = targets;
    return first === undefined
      ? faults
      : [...faults, fault("CHP_CONFIG_CONFLICT", "a web target needs `listen.web`", first.at)];
  }
  const { tls, identity, forwardAuth, proxyProtocol } = listener;
  if (!isLoopback(listener.address) && tls === undefined) {
    faults.push(unsafe([...path, "address"], "`listen.web` beyond loopback needs `tls`"));
  }
  if (identity.certificate && tls?.clientCa === undefined) {
    faults.push(at([...path, "identity", "certificate"], "`certificate` needs `tls.clientCa`"));
  }
  const lists: readonly (readonly [KeyPath, readonly string[] | undefined])[] = [
    [["identity", "header"], identity.header?.from],
    [["forwardAuth"], forwardAuth?.from],
    [["proxyProtocol"], proxyProtocol?.from],
  ];
  for (const [where, list] of lists) {
    list?.forEach((text, index) => {
      if (isCidr(text)) return;
      faults.push(at([...path, ...where, "from", index], "must be an address or a CIDR"));
    });
  }
  return faults;
}

/** A target that is a listener of ours would let people speak to it as if they were the sidecar. */
function leadsBack(targets: readonly WebTarget[], { listen }: Omit<Config, "notices">): Fault[] {
  const own: readonly { readonly address: string; readonly port: number }[] = Object.values(listen);
  return targets.flatMap(({ name, host, port, at }) =>
    own.some(
      (one) =>
        one.port === port &&
        (one.address === host || (isLoopback(one.address) && isLoopback(host))),
    )
      ? [fault("CHP_CONFIG_UNSAFE", `\`${name}\` is the address of a listener of this sidecar`, at)]
      : [],
  );
}

function sameRoute(targets: readonly WebTarget[]): Fault[] {
  const seen = new Map<string, string>();
  return targets.flatMap(({ name, route, at }) => {
    const hosts = route.hosts.length === 0 ? ["*"] : route.hosts;
    return hosts.flatMap((host) => {
      const key = `${host}${route.prefix}/`;
      const other = seen.get(key);
      seen.set(key, name);
      return other === undefined
        ? []
        : [
            fault(
              "CHP_CONFIG_CONFLICT",
              `\`${name}\` and \`${other}\` are both reached at ${key}`,
              at,
            ),
          ];
    });
  });
}

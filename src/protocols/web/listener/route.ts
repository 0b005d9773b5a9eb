import { hostOf, type RequestHead } from "../head/request-head.js";
import type { WebRoute } from "../ports.js";

/** The longest prefix wins; a host of its own comes before none. */
export function routeOf(routes: readonly WebRoute[], head: RequestHead): WebRoute | null {
  const host = hostOf(head.authority);
  const fitting = routes.filter(
    ({ hosts, prefix }) =>
      (hosts.length === 0 || hosts.includes(host)) &&
      (prefix === "" || head.path === prefix || head.path.startsWith(`${prefix}/`)),
  );
  return fitting.reduce<WebRoute | null>(
    (best, one) => (best === null || rank(one) > rank(best) ? one : best),
    null,
  );
}

function rank({ hosts, prefix }: WebRoute): number {
  return (hosts.length > 0 ? 1_000_000 : 0) + prefix.length;
}

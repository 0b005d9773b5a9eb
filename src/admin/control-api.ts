import type { Fault, Result } from "../kernel/index.js";
import type { AdminServer, ServerOptions } from "./http/server.js";
import type { AdminPorts } from "./ports.js";

/** The control API, not listening yet. */
export type ControlApi = AdminServer;
export type ControlApiOptions = Omit<ServerOptions, "routes">;

/** Loads the server and its routes here: who has no `listen.admin` is smaller without them. */
export async function createControlApi(
  ports: AdminPorts,
  options: ControlApiOptions,
): Promise<Result<ControlApi, Fault>> {
  const [{ createAdminServer }, { ROUTES }] = await Promise.all([
    import("./http/server.js"),
    import("./routes/index.js"),
  ]);
  return await createAdminServer(ports, { ...options, routes: ROUTES });
}

import type { Fault, Result } from "../kernel/index.js";
import { createAdminServer, type AdminServer, type ServerOptions } from "./http/server.js";
import type { AdminPorts } from "./ports.js";
import { ROUTES } from "./routes/index.js";

/** The control API, not listening yet. */
export type ControlApi = AdminServer;
export type ControlApiOptions = Omit<ServerOptions, "routes">;

export function createControlApi(
  ports: AdminPorts,
  options: ControlApiOptions,
): Promise<Result<ControlApi, Fault>> {
  return createAdminServer(ports, { ...options, routes: ROUTES });
}

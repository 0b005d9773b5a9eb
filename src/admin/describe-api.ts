import { describeRoutes } from "./http/server.js";
import { ROUTES } from "./routes/index.js";

/** The OpenAPI 3.1 document of the control API. */
export function describeApi(): Promise<unknown> {
  return describeRoutes(ROUTES);
}

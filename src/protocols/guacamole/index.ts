export type { DesktopPlan, GuacamolePorts } from "./ports.js";
export {
  createGuacamoleServer,
  type GuacamoleServer,
  type GuacamoleServerOptions,
} from "./server.js";
export { PEER_NAME } from "./relay/admission.js";
export { createDesktopSession } from "./session/desktop-session.js";
export type { DesktopSeed } from "./session/desktop-seed.js";
export { understandDesktop } from "./session/understand.js";

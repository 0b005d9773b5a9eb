export { WANTS_DEFAULT, type ClientWants, type Opening } from "./opening.js";
export { parameterValues, type TargetParameters } from "./parameters.js";
export {
  createPersonHandshake,
  TOKEN_PARAMETER,
  type PersonHandshake,
} from "./person-handshake.js";
export { createTargetHandshake, type TargetHandshake } from "./target-handshake.js";

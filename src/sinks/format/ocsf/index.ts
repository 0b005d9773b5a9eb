export { toOcsf } from "./to-ocsf.js";

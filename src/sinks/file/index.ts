export { openEventFile } from "./event-file.js";

export { rotatingFileSink } from "./rotating-file-sink.js";

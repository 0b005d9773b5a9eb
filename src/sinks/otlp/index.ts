export { otlpSink } from "./otlp-sink.js";

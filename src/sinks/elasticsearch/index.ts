export { elasticsearchSink } from "./elasticsearch-sink.js";

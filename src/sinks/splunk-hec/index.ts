export { splunkHecSink } from "./splunk-hec-sink.js";

export { syslogSink } from "./syslog-sink.js";

import { elasticsearchSink } from "../sinks/elasticsearch/index.js";
import type { SinkPlugin } from "../sinks/index.js";
import { natsSink } from "../sinks/nats/index.js";
import { otlpSink } from "../sinks/otlp/index.js";
import { rotatingFileSink } from "../sinks/rotating-file/index.js";
import { smtpSink } from "../sinks/smtp/index.js";
import { splunkHecSink } from "../sinks/splunk-hec/index.js";
import { syslogSink } from "../sinks/syslog/index.js";
import { webhookSink } from "../sinks/webhook/index.js";

/** Every kind of sink there is; `type:` of `events.sinks` names one of them. */
export const SINK_PLUGINS: readonly [SinkPlugin, ...SinkPlugin[]] = [
  rotatingFileSink,
  syslogSink,
  splunkHecSink,
  elasticsearchSink,
  otlpSink,
  webhookSink,
  natsSink,
  smtpSink,
];

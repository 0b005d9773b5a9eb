export { webhookSink } from "./webhook-sink.js";
export { signWebhook } from "./signature.js";

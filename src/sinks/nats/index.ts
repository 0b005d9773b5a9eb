export { natsSink } from "./nats-sink.js";

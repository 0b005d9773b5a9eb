export { listOutboxSegments } from "./outbox-segments.js";
export * from "./outbox.js";

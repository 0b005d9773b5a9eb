export { createGateway, type Authorized, type Gateway, type GatewayCredential } from "./gateway.js";
export { createSignedCaller, type SignedCaller } from "./signed-call.js";
export { createWebhookDirectory, type WebhookDirectory } from "./webhook-directory.js";
export { createWebhookFactor, type WebhookFactor } from "./webhook-factor.js";

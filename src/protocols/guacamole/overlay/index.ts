export { createOverlay, type Tone, type Overlay } from "./overlay.js";

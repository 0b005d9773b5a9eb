export { createOverlay, type Overlay } from "./overlay.js";

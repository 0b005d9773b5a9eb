import { expect } from "vitest";

/** Far more than anything takes on a machine that is busy with everything else; a test fails by it alone. */
const PATIENCE_MS = 20_000;

/** `await eventually(() => x).toBe(y)`: waits for the condition, not for a time. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: PATIENCE_MS });

import { setFlagsFromString } from "node:v8";

/**
 * Most of what sets up a connection runs too rarely for V8 to compile it before some hundred connections,
 * and half of a connection's time is spent in its interpreter. A process that serves connections compiles
 * what it calls at the first call: a twentieth less CPU for a connection, for 5 MB of code. In commands that
 * end soon it would only cost. (Optimising sooner too, by `--interrupt-budget`, was measured to cost more
 * in the compiler's threads than it saves.) A V8 that does not know the flag says so on stderr and goes on.
 */
export function compileSooner(): void {
  setFlagsFromString("--always-sparkplug");
}

import { instruction, type Instruction } from "../instruction.js";

/**
 * What the server believes is down. Towards it every press has one release and every release had its
 * press, whatever the client sends and whatever is held back on the way.
 */
export interface PressedKeys {
  /** A press passes unless too many keys are down; a repeated one passes too. */
  press(keysym: number): boolean;
  /** A release passes when its press did. */
  release(keysym: number): boolean;
  mouse(x: string, y: string, buttons: number): void;
  /** Releases for everything that is down, the latest first; then nothing is. */
  letGo(): readonly Instruction[];
}

/** As many as guacd can hold apart; nobody has more fingers. */
const PRESSED_MAX = 64;

export function createPressedKeys(): PressedKeys {
  const down = new Set<number>();
  let pointer = { x: "0", y: "0", buttons: 0 };
  return {
    press(keysym) {
      if (!down.has(keysym) && down.size >= PRESSED_MAX) return false;
      down.add(keysym);
      return true;
    },
    release: (keysym) => down.delete(keysym),
    mouse(x, y, buttons) {
      pointer = { x, y, buttons };
    },
    letGo() {
      const ups = [...down].reverse().map((keysym) => instruction("key", String(keysym), "0"));
      down.clear();
      if (pointer.buttons !== 0) {
        ups.push(instruction("mouse", pointer.x, pointer.y, "0"));
        pointer = { ...pointer, buttons: 0 };
      }
      return ups;
    },
  };
}

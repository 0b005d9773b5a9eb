import { describe, expect, it } from "vitest";
import { createQuotedControls } from "./quoted-controls.js";

describe("control characters that were quoted into a line", () => {
  it("are told where the screen shows their two signs", () => {
    const controls = createQuotedControls();
    controls.pressed({ kind: "quoted", text: "\u0001" });
    expect(controls.restored("old ^Abeta ^B")).toBe("old \u0001beta ^B");
  });

  it("are not told where somebody typed carets too, or quoted none", () => {
    const controls = createQuotedControls();
    expect(controls.restored("old ^A")).toBe("old ^A");
    controls.pressed({ kind: "quoted", text: "\u0001" });
    controls.pressed({ kind: "text", text: "^" });
    expect(controls.restored("old ^A")).toBe("old ^A");
  });
});

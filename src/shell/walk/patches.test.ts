import { describe, expect, it } from "vitest";
import { patchedFiles } from "./patches.js";

describe("files of a patch", () => {
  it("are known where it makes them anew, and named where it changes them", () => {
    const diff = [
      "diff --git a/s.sh b/s.sh",
      "new file mode 100755",
      "--- /dev/null",
      "+++ b/s.sh",
      "@@ -0,0 +1,2 @@",
      "+#!/bin/sh",
      "++++ plus",
      "--- a/old",
      "+++ b/old",
      "@@ -1 +1 @@",
      "-a",
      "+b",
    ].join("\n");
    expect(patchedFiles(diff)).toEqual([
      { path: "s.sh", text: "#!/bin/sh\n+++ plus\n" },
      { path: "old", text: null },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { createAdmission } from "./admission.js";

function lab(sessions: readonly string[] = []) {
  const open = [...sessions];
  const admission = createAdmission({
    unauthenticatedMax: 5,
    unauthenticatedPerAddressMax: 2,
    sessions: () => ({
      all: open.length,
      from: (address) => open.filter((one) => one === address).length,
    }),
    speaksForMany: (address) => address === "10.0.0.1",
  });
  return { admission, open };
}

describe("admission", () => {
  it("bounds the connections of one address that have not logged in", () => {
    const { admission, open } = lab();
    const from = (id: number) => admission.admit(id, "192.0.2.1");
    expect([from(1), from(2), from(3)]).toEqual([null, null, "unauthenticated-per-address-limit"]);
    open.push("192.0.2.1");
    expect(from(4)).toBeNull();
    admission.left(1);
    open.pop();
    expect(from(5)).toBe("unauthenticated-per-address-limit");
    admission.left(2);
    expect(from(6)).toBeNull();
  });

  it("bounds all of them, however many addresses they come from", () => {
    const { admission } = lab();
    for (let id = 0; id < 5; id += 1) expect(admission.admit(id, `192.0.2.${id}`)).toBeNull();
    expect(admission.admit(9, "192.0.2.9")).toBe("unauthenticated-limit");
  });

  it("counts a peer that speaks for many only in the sum", () => {
    const { admission } = lab();
    for (let id = 0; id < 5; id += 1) expect(admission.admit(id, "10.0.0.1")).toBeNull();
    expect(admission.admit(9, "10.0.0.1")).toBe("unauthenticated-limit");
  });

  it("counts a connection that leaves twice only once", () => {
    const { admission } = lab();
    admission.admit(1, "192.0.2.1");
    admission.admit(2, "192.0.2.1");
    admission.left(1);
    admission.left(1);
    expect(admission.admit(3, "192.0.2.1")).toBeNull();
    expect(admission.admit(4, "192.0.2.1")).toBe("unauthenticated-per-address-limit");
  });
});

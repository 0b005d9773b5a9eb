import { describe, expect, it } from "vitest";
import { sessionRefOf } from "./login-desk.js";
import { login } from "./registry.testing.js";

describe("who an event of a log-in speaks of", () => {
  it("is who was claimed, as long as nothing is proved", () => {
    const claim = { person: "alice", account: "root", target: "db-1" };
    expect(sessionRefOf(login("s1", "alice+root@db-1"), claim)).toEqual({
      id: "s1",
      protocol: "ssh",
      person: "alice",
      account: "root",
      target: "db-1",
      origin: "192.0.2.1",
    });
  });

  it("is the start of a name that fits no template", () => {
    const ref = sessionRefOf(login("s1", "x".repeat(10_000)), null);
    expect(ref.person).toBe("x".repeat(128));
    expect(ref).toMatchObject({ account: "", target: "" });
  });
});

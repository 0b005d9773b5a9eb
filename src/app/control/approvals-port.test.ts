import { describe, expect, it } from "vitest";
import type { Caller } from "../../admin/index.js";
import { requestId, sessionId } from "../../kernel/index.js";
import type { SessionFacts } from "../../model/index.js";
import { createApprovalDesk } from "../../runtime/index.js";
import { createFakeClock } from "../../testing/index.js";
import { createApprovalsPort } from "./approvals-port.js";

/** One command of alice's waits for these approvers. */
function waiting(...approvers: readonly string[]) {
  const desk = createApprovalDesk({ clock: createFakeClock(), tell: () => undefined });
  const facts = {
    id: sessionId("s-1"),
    person: { name: "alice" },
    target: { name: "db-1" },
    account: "root",
    origin: "192.0.2.7",
  } as SessionFacts; // the desk reads nothing else of it
  const asked = { action: "command", rule: "r-1", reason: "", approvers, min: 1 };
  desk.ask(facts, requestId(2), { ...asked, deadlineMs: 60_000 });
  const port = createApprovalsPort(desk);
  return (by: Partial<Caller>) =>
    port.decide({
      id: port.list()[0]?.id ?? "",
      decision: "approve",
      by: { name: "maria", role: "operator", means: "token", origin: "127.0.0.1", ...by },
    });
}

const NOT_YOURS = { ok: false, error: { code: "CHP_ADMIN_NOT_YOURS" } };
const APPROVED = { ok: true, value: { outcome: "approved" } };

describe("an approval that names who may decide", () => {
  it("is decided by a caller of the group, and by no other", async () => {
    const decide = waiting("group:soc");
    expect(await decide({})).toMatchObject(NOT_YOURS);
    expect(await decide({ groups: ["dba"] })).toMatchObject(NOT_YOURS);
    expect(await decide({ groups: ["dba", "soc"] })).toMatchObject(APPROVED);
  });

  it("is decided by the role and those above it", async () => {
    expect(await waiting("role:operator")({ role: "admin" })).toMatchObject(APPROVED);
    expect(await waiting("role:admin")({ role: "operator" })).toMatchObject(NOT_YOURS);
  });

  it("is never decided by the person themself, whatever the group", async () => {
    const decide = waiting("group:soc");
    expect(await decide({ name: "alice", groups: ["soc"] })).toMatchObject(NOT_YOURS);
  });
});

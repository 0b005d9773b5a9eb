import { mayAct, ROLES, type ApprovalsPort, type Role } from "../../admin/index.js";
import { err, fault, ok } from "../../kernel/index.js";
import type { Approvals, PendingApproval } from "../../runtime/index.js";
import { isoOf } from "./sessions-port.js";

type View = ReturnType<ApprovalsPort["list"]>[number];

/** Nobody typed a reason: the decision stands for itself. */
const NO_REASON = "decided through the control API";

export function createApprovalsPort(approvals: Approvals): ApprovalsPort {
  return {
    list: () => approvals.list().map(viewOf),
    decide({ id, decision, reason, by }) {
      const outcome = approvals.decide(id, {
        approve: decision === "approve",
        by: { name: by.name, groups: by.groups ?? [], roles: rolesOf(by.role) },
        reason: reason ?? NO_REASON,
      });
      switch (outcome.type) {
        case "decided":
          return Promise.resolve(
            ok({ id, outcome: decision === "approve" ? "approved" : "denied" } as const),
          );
        case "counted":
          return Promise.resolve(ok({ id, outcome: "counted", missing: outcome.missing } as const));
        case "refused":
          return Promise.resolve(err(refusal(outcome.why)));
      }
    },
  };
}

/** Who may do all that an operator may is one of `role:operator`, too. */
function rolesOf(role: Role): readonly Role[] {
  return ROLES.filter((one) => mayAct(role, one));
}

function refusal(why: "unknown" | "own-request" | "not-an-approver" | "twice") {
  switch (why) {
    case "unknown":
      return fault("CHP_ADMIN_NOT_FOUND", "there is no such approval, or it is decided");
    case "own-request":
      return fault("CHP_ADMIN_NOT_YOURS", "nobody decides about their own request");
    case "not-an-approver":
      return fault("CHP_ADMIN_NOT_YOURS", "you are not among its approvers");
    case "twice":
      return fault("CHP_ADMIN_CONFLICT", "you have decided already; somebody else has to agree");
  }
}

function viewOf(one: PendingApproval): View {
  return {
    id: one.id,
    session: one.session,
    person: one.person,
    account: one.account,
    target: one.target,
    origin: one.origin,
    action: one.action,
    rule: one.rule,
    reason: one.reason,
    approvers: [...one.approvers],
    needed: one.min,
    approvedBy: [...one.approvedBy],
    askedAt: isoOf(one.askedAt),
    deadline: isoOf(one.deadline),
    ...(one.held === undefined ? {} : { held: one.held }),
  };
}

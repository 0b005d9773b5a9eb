import type { FactorsPort } from "../../admin/index.js";
import type { EventDraft } from "../../events/index.js";
import type { Directory, EnrolledFactor } from "../../identity/index.js";
import { err, fault, ok } from "../../kernel/index.js";
import type { IdentityDesk } from "../../runtime/index.js";
import type { PagesHouse } from "../sidecar/pages-house.js";

export interface FactorsDeps {
  /** As configured, or as the gateway says: without what people have enrolled themselves. */
  readonly directory: Directory & Pick<IdentityDesk, "prepare">;
  readonly pages: PagesHouse;
  readonly tell: (event: EventDraft) => boolean;
}

const MS_PER_SECOND = 1_000;

/** What people enrol themselves, for the control API. */
export function createFactorsPort({ directory, pages, tell }: FactorsDeps): FactorsPort {
  const { enrolled, enrolments } = pages;

  return {
    async enrol({ person, factors, ttlSeconds, by }) {
      if (enrolments === undefined) {
        return err(
          fault("CHP_ADMIN_CONFLICT", "people enrol on `listen.pages`, which is not open"),
        );
      }
      await directory.prepare?.(person);
      const known = directory.find(person);
      if (known === undefined) return err(fault("CHP_ADMIN_NOT_FOUND", "there is no such person"));
      const taken = takenHere(known.factors, pages);
      const offered = taken.filter((one) => factors?.includes(one) ?? true);
      if (offered.length === 0) {
        return err(
          fault(
            "CHP_ADMIN_CONFLICT",
            "none of these can be enrolled: `factors.webauthn` is not configured, or the configuration holds the person's TOTP secret",
          ),
        );
      }
      const ttlMs = ttlSeconds * MS_PER_SECOND;
      const issued = enrolments.issue({ person, factors: offered, ttlMs, issuedBy: by.name });
      if (!issued.ok) return issued;
      const { id, link, expiresMs } = issued.value;
      return ok({ id, person, factors: [...offered], link, expiresAt: instant(expiresMs) });
    },
    enrolments: () =>
      (enrolments?.list() ?? []).map(({ id, person, factors, expiresMs, issuedBy }) => ({
        id,
        person,
        factors: [...factors],
        issuedBy,
        expiresAt: instant(expiresMs),
      })),
    revoke: (id) => enrolments?.revoke(id) ?? false,
    list: (person) =>
      enrolled.list(person).map(({ id, factor, name, state, enrolledMs, usedMs }) => ({
        id,
        factor,
        name,
        state,
        enrolledAt: instant(enrolledMs),
        ...(usedMs === undefined ? {} : { usedAt: instant(usedMs) }),
      })),
    async remove({ person, id, by }) {
      const factor = enrolled.list(person).find((one) => one.id === id)?.factor;
      if (factor === undefined) return ok(false);
      const told = tell({
        type: "factor.changed",
        data: { person, factor, change: "removed", id, by: by.name, origin: by.origin },
      });
      if (!told) return err(fault("CHP_ADMIN_BUSY", "it could not be told, so it is not done"));
      return await enrolled.remove(person, id);
    },
  };
}

/** A TOTP secret of the configuration can not be replaced from a page. */
function takenHere(configured: readonly string[], pages: PagesHouse): readonly EnrolledFactor[] {
  return [
    ...(pages.webauthnFactor === undefined ? [] : ["webauthn" as const]),
    ...(configured.includes("totp") ? [] : ["totp" as const]),
  ];
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

import type { CoreSettings } from "../settings.js";
import type { SiteClock } from "../site-clock.js";
import type { RatingRow, ReauthRow } from "../store/index.js";
import type { Changes } from "./changes.js";
import { demandOf, proved } from "./identification.js";
import type { Person } from "./memory.js";
import { beginDay, levelOf, lower, type RatingCause } from "./rating.js";
import type { Told } from "./told.js";

export interface DeskParts {
  readonly settings: CoreSettings;
  readonly clock: SiteClock;
  readonly changes: () => Changes;
}

/** Demands that wait for an answer of one person; beyond that the oldest is given up. */
const WANTED_MAX = 16;

/** Ratings, and who has to prove again who they are. */
export function createPersonDesk({ settings, clock, changes }: DeskParts) {
  function touched(person: Person): void {
    changes().people.set(person.row.name, person.row);
  }

  function rated(told: Told, row: RatingRow | null): void {
    if (row === null) return;
    changes().ratings.set(row.id, row);
    const { person, rating, previous, reason } = row;
    changes().messages.push({
      to: told.source,
      message: { type: "rating", person, rating, previous, reason },
    });
  }

  return {
    touched,

    /** The person does something: a new day may begin with it. */
    seen(person: Person, told: Told, origin: string): void {
      const { row } = person;
      if (told.at >= row.last_seen) {
        row.last_seen = told.at;
        row.last_origin = origin;
      }
      const why = { id: told.id, at: told.at, reference: told.subject };
      rated(told, beginDay(row, clock.day(told.at), why));
      touched(person);
    },

    lower(
      person: Person,
      told: Told,
      loss: { points: number } & Pick<RatingCause, "cause" | "reason" | "reference">,
    ) {
      const { points, ...why } = loss;
      rated(told, lower(person.row, points, { ...why, id: told.id, at: told.at }));
      touched(person);
    },

    /** Asks for a proof when a counter has reached its limit. */
    identify(
      person: Person,
      told: Told,
      inSession: { readonly id: string; readonly blocked: number },
    ) {
      const demand = demandOf(person.row, inSession.blocked, settings);
      if (demand === null) return;
      const row: ReauthRow = {
        id: `${told.id}-${demand.trigger}`,
        person: person.row.name,
        asked: told.at,
        cause: demand.trigger,
        outcome: "wanted",
        session: inSession.id,
        details: demand.details,
        settled: null,
      };
      changes().reauths.set(row.id, row);
      person.wanted = [...person.wanted, row].slice(-WANTED_MAX);
      changes().messages.push({
        to: null,
        message: {
          type: "command",
          id: row.id,
          do: "reauth",
          person: row.person,
          reason: demand.details,
          trigger: demand.trigger,
        },
      });
      touched(person);
    },

    /** A new session of somebody who has not answered yet begins with the question. */
    remind(person: Person, told: Told): void {
      const last = person.wanted.at(-1);
      if (last === undefined) return;
      changes().messages.push({
        to: told.source,
        message: {
          type: "command",
          id: `${last.id}-${told.subject}`,
          do: "reauth",
          session: told.subject,
          reason: last.details,
          trigger: last.cause,
        },
      });
    },

    /** How a question ended: the log has what was wanted, or what a rule or the log-in asked. */
    answered(
      person: Person,
      told: Told,
      answer: { trigger: string; success: boolean; details: string },
    ) {
      const outcome = answer.success ? "success" : "failure";
      for (const wanted of person.wanted) {
        changes().reauths.set(wanted.id, {
          ...wanted,
          outcome,
          settled: told.at,
          session: told.subject,
        });
      }
      if (person.wanted.length === 0) {
        changes().reauths.set(told.id, {
          id: told.id,
          person: person.row.name,
          asked: told.at,
          cause: answer.trigger,
          outcome,
          session: told.subject,
          details: answer.details,
          settled: told.at,
        });
      }
      // Who failed is asked again at the next session.
      if (answer.success) {
        person.wanted = [];
        proved(person.row);
        touched(person);
      }
    },

    profile(person: Person, told: Told): void {
      const { name, rating } = person.row;
      const history = person.history.size;
      changes().messages.push({
        to: told.source,
        message: { type: "profile", person: name, rating, level: levelOf(rating), history },
      });
    },
  };
}

export type PersonDesk = ReturnType<typeof createPersonDesk>;

import type { CoreMessage } from "../link/messages.js";
import {
  HITS,
  PASSWORD_CHANGES,
  PEOPLE,
  RATINGS,
  REAUTHS,
  rowsOf,
  SESSIONS,
  VIEWS,
  type HitRow,
  type PasswordChangeRow,
  type RatingRow,
  type ReauthRow,
  type TableWrite,
  type ViewRow,
} from "../store/index.js";
import type { MutablePerson } from "./rating.js";
import type { MutableSession } from "./session-risk.js";

/** A message for the sidecar that told us (`to`: its source), or for every sidecar (null). */
export interface Outgoing {
  readonly to: string | null;
  readonly message: CoreMessage;
}

/** Something that administrators are to be told by people's means, not by an event. */
export interface Notice {
  /** The same for the same thing told again. */
  readonly id: string;
  readonly subject: string;
  /** Lines of plain text. */
  readonly text: string;
}

/** What has changed since the last commit. It is written as one, then the messages go out. */
export class Changes {
  readonly sessions = new Map<string, MutableSession>();
  readonly people = new Map<string, MutablePerson>();
  readonly hits = new Map<string, HitRow>();
  readonly views = new Map<string, ViewRow>();
  readonly passwordChanges = new Map<string, PasswordChangeRow>();
  readonly ratings = new Map<string, RatingRow>();
  readonly reauths = new Map<string, ReauthRow>();
  readonly messages: Outgoing[] = [];
  readonly notices: Notice[] = [];

  /** Copies: what goes on changing meanwhile belongs to the next commit. */
  writes(): readonly TableWrite[] {
    const copies = <T extends object>(rows: Map<string, T>): T[] =>
      [...rows.values()].map((row) => ({ ...row }));
    return [
      rowsOf(SESSIONS, copies(this.sessions)),
      rowsOf(PEOPLE, copies(this.people)),
      rowsOf(HITS, [...this.hits.values()]),
      rowsOf(VIEWS, [...this.views.values()]),
      rowsOf(PASSWORD_CHANGES, [...this.passwordChanges.values()]),
      rowsOf(RATINGS, [...this.ratings.values()]),
      rowsOf(REAUTHS, [...this.reauths.values()]),
    ].filter(({ rows }) => rows.length > 0);
  }
}

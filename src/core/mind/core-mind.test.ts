import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../settings.js";
import { createCoreMind } from "./core-mind.js";
import { readTold, type Told } from "./told.js";

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR_MS = 3_600_000;

function event(id: string, sequence: number, at: number): Told {
  const session = { id, person: "alice", account: "root", target: "db", origin: "10.0.0.1" };
  const told = readTold(
    JSON.stringify({
      id: `${id}-${sequence}`,
      type: `io.chaperone.session.${sequence === 0 ? "opened" : "closed"}.v1`,
      source: "/chaperone/lab/n1",
      subject: id,
      sequence,
      time: new Date(at).toISOString(),
      data: { session, durationMs: 60_000 },
    }),
    NOW,
  );
  if (told === null) throw new Error("no event");
  return told;
}

/** Alice, whose sessions last a minute each, and one that began long ago and whose end nobody has told. */
function mindOfAlice() {
  const mind = createCoreMind(DEFAULT_SETTINGS);
  const none = new Set<string>();
  for (let index = 0; index < 120; index += 1) {
    const at = NOW - (200 - index) * HOUR_MS;
    mind.take(event(`s${index}`, 0, at), none);
    mind.take(event(`s${index}`, 1, at + 60_000), none);
    mind.drain();
  }
  mind.take(event("open", 0, NOW - 10 * HOUR_MS), none);
  mind.drain();
  return mind;
}

describe("a session that lasts much longer than the person's others", () => {
  it("is unusual before it ends", () => {
    const mind = mindOfAlice();
    mind.look(NOW, false);
    const changes = mind.drain();
    expect(changes?.sessions.get("open")?.odd_duration).toBe(1);
    expect(changes?.messages).toContainEqual(
      expect.objectContaining({ message: expect.objectContaining({ type: "risk" }) as unknown }),
    );
  });

  it("may only not have been told to end while a sidecar that was away catches up", () => {
    const mind = mindOfAlice();
    mind.look(NOW, true);
    expect(mind.drain()).toBeNull();
  });
});

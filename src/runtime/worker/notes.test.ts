import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sessionId } from "../../kernel/index.js";
import type { Notice } from "./messages.js";
import { createNotes } from "./notes.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function lab() {
  const sent: Notice[] = [];
  return { sent, notes: createNotes((notice) => sent.push(notice)) };
}

describe("what a worker tells without an answer", () => {
  it("comes as one message, and none comes when there is nothing to tell", () => {
    const { notes, sent } = lab();
    for (let time = 0; time < 5; time += 1) notes.spooled();
    notes.connectionEnded(1);
    notes.connectionEnded(2);
    expect(sent).toEqual([]);
    vi.runAllTimers();
    expect(sent).toEqual([{ spooled: true, connections: [1, 2], sessions: [] }]);
    vi.runAllTimers();
    expect(sent).toHaveLength(1);
  });

  it("goes along with a question, and is not told again", () => {
    const { notes, sent } = lab();
    expect(notes.takeSpooled()).toBe(false);
    notes.spooled();
    expect(notes.takeSpooled()).toBe(true);
    expect(notes.takeSpooled()).toBe(false);
    vi.runAllTimers();
    expect(sent).toEqual([]);
    notes.spooled();
    notes.connectionEnded(1);
    expect(notes.takeSpooled()).toBe(true);
    vi.runAllTimers();
    expect(sent).toEqual([{ spooled: false, connections: [1], sessions: [] }]);
  });

  it("comes at once when a session is over, with what waited", () => {
    const { notes, sent } = lab();
    notes.spooled();
    notes.sessionEnded(sessionId("s1"), "closed");
    expect(sent).toEqual([{ spooled: true, connections: [], sessions: [["s1", "closed"]] }]);
    vi.runAllTimers();
    expect(sent).toHaveLength(1);
    notes.connectionEnded(3);
    vi.runAllTimers();
    expect(sent[1]).toEqual({ spooled: false, connections: [3], sessions: [] });
  });
});

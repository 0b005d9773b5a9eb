/** Asks the registry; never later than the deadline, and null when there is no answer by then. */
export interface Questions {
  ask(question: unknown, deadlineMs: number): Promise<unknown>;
  /** An answer has come. One that nobody waits for any more is dropped. */
  answered(id: number, answer: unknown): void;
  /** Nobody will answer any more. */
  abandon(): void;
}

/** One a connection in log-in, one a held command: this many unanswered ones mean that the parent hangs. */
const QUESTIONS_MAX = 4_096;

export function createQuestions(send: (id: number, question: unknown) => void): Questions {
  const waiting = new Map<number, { settle: (answer: unknown) => void; timer: NodeJS.Timeout }>();
  let nextId = 0;

  function settle(id: number, answer: unknown): void {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    clearTimeout(one.timer);
    one.settle(answer);
  }

  return {
    ask(question, deadlineMs) {
      if (waiting.size >= QUESTIONS_MAX) return Promise.resolve(null);
      const id = nextId++;
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(id, null), deadlineMs);
        waiting.set(id, { settle: resolve, timer });
        send(id, question);
      });
    },
    answered: settle,
    abandon() {
      for (const id of [...waiting.keys()]) settle(id, null);
    },
  };
}

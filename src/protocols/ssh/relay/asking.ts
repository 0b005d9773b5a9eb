import { requestId, type RequestId } from "../../../kernel/index.js";
import type { Answer } from "../../../model/index.js";

/** Questions to the core that wait for their answer; the answer may come at once or much later. */
export interface Asking {
  /** `put` hands the question with its number to the core; `answered` is called exactly once. */
  ask(
    put: (request: RequestId) => void,
    answered: (answer: Answer) => void,
    /** The answer will be late, and this is what happens until then. */
    hinted?: (hint: Answer) => void,
  ): void;
  hint(request: RequestId, hint: Answer): void;
  answer(request: RequestId, answer: Answer): void;
  /** The session is over: everything open is refused, and everything asked from now on. */
  close(reason: string): void;
}

export function createAsking(): Asking {
  const open = new Map<RequestId, (answer: Answer) => void>();
  const hints = new Map<RequestId, (hint: Answer) => void>();
  let last = 0;
  let closed: string | null = null;
  return {
    ask(put, answered, hinted) {
      if (closed !== null) {
        answered({ type: "refused", reason: closed });
        return;
      }
      last += 1;
      const request = requestId(last);
      open.set(request, answered);
      if (hinted !== undefined) hints.set(request, hinted);
      put(request);
    },
    hint: (request, hint) => hints.get(request)?.(hint),
    answer(request, answer) {
      const answered = open.get(request);
      open.delete(request);
      hints.delete(request);
      answered?.(answer);
    },
    close(reason) {
      closed = reason;
      const all = [...open.values()];
      open.clear();
      hints.clear();
      for (const answered of all) answered({ type: "refused", reason });
    },
  };
}

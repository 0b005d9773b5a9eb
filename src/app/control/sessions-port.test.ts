import { describe, expect, it } from "vitest";
import type { Caller } from "../../admin/index.js";
import type { CommandOutcome } from "../../model/index.js";
import type { Steering } from "../../runtime/index.js";
import { createSessionsPort } from "./sessions-port.js";

const maria: Caller = { name: "maria", role: "operator", means: "token", origin: "127.0.0.1" };

/** A session that anybody may watch; `taken` is what becomes of taking its keyboard. */
async function watched(taken: CommandOutcome) {
  const typed: string[] = [];
  async function* entries() {
    await Promise.resolve();
    yield { type: "end", reason: "over" } as const;
  }
  const steering = {
    watch: () =>
      Promise.resolve({
        entries: entries(),
        takeOver: () => Promise.resolve(taken),
        handBack: () => Promise.resolve({ type: "done" } as const),
        type: (_channel: unknown, bytes: Uint8Array) =>
          void typed.push(Buffer.from(bytes).toString()),
        leave: () => undefined,
      }),
  } as unknown as Steering; // nothing else of it is called here
  const port = createSessionsPort(steering);
  const watch = await port.watch({ session: "s-1", by: maria });
  if (!watch.ok) throw new Error(watch.error.message);
  const first: unknown = (await watch.value.frames[Symbol.asyncIterator]().next()).value;
  const { id: observer } = first as { readonly id: string }; // the frame `observer`
  const order = { session: "s-1", observer, by: maria };
  return {
    typed,
    take: () => port.control({ ...order, do: "take" }),
    giveBack: () => port.control({ ...order, do: "give-back" }),
    type: () => port.control({ ...order, do: "type", channel: 0, text: "ls\r" }),
  };
}

describe("the keyboard of a session that somebody watches", () => {
  it("takes what is typed from who has it, and tells others that they do not", async () => {
    const seat = await watched({ type: "done" });
    expect(await seat.type()).toMatchObject({ ok: false, error: { code: "CHP_ADMIN_CONFLICT" } });
    expect(seat.typed).toEqual([]);
    await seat.take();
    expect(await seat.type()).toMatchObject({ ok: true });
    expect(seat.typed).toEqual(["ls\r"]);
    await seat.giveBack();
    expect(await seat.type()).toMatchObject({ ok: false });
    expect(seat.typed).toHaveLength(1);
  });

  it("is not had by who was refused it", async () => {
    const seat = await watched({ type: "refused", reason: "bob has the keyboard" });
    expect(await seat.take()).toMatchObject({
      ok: false,
      error: { message: "bob has the keyboard" },
    });
    expect(await seat.type()).toMatchObject({ ok: false });
  });
});

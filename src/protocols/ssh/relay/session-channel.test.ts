import { describe, expect, it } from "vitest";
import { channelId, type RequestId } from "../../../kernel/index.js";
import type { InputBody } from "../../../model/index.js";
import type { Channel } from "../connection/channel.js";
import { createTargetAccess } from "../target/access.js";
import { encodeWire } from "../wire/writer.js";
import { createAsking } from "./asking.js";
import { createChannelPair, type ChannelPair } from "./channel-pair.js";
import { createSessionChannel } from "./session-channel.js";

describe("a request that waits for its answer", () => {
  it("reaches the target as it was asked, though the network's buffer has been used again", () => {
    const asked: RequestId[] = [];
    const handle = {
      input(body: InputBody) {
        if (body.kind === "request-asked") asked.push(body.request);
      },
    };
    const asking = createAsking();
    const access = createTargetAccess({
      targetName: "db-1",
      dial: () => new Promise(() => undefined),
      channelAsked: () => undefined,
      failed: () => undefined,
    });
    const id = channelId(1);
    const channel = createSessionChannel({ id, handle, asking, access, pair: () => pair });
    const pair: ChannelPair = createChannelPair({
      id,
      handle,
      requested: (ask) => channel.requested(ask),
      isProgram: true,
      targetName: "db-1",
      closed: () => undefined,
    });
    const bodies: string[] = [];
    pair.attachTarget(recording((body) => bodies.push(body)));

    // As the transport lends it: a Buffer, whose `slice` shares memory.
    const lent = Buffer.from(encodeWire({ string: "LANG" }, { string: "C.UTF-8" }));
    const before = lent.toString("latin1");
    channel.requested({ type: "env", body: lent, wantReply: false, answer: () => undefined });
    lent.fill("X");
    for (const request of asked) asking.answer(request, { type: "granted" });

    expect(bodies).toEqual([before]);
  });
});

/** A target's end that notes what it is asked. */
function recording(requested: (body: string) => void): Channel {
  return {
    queuedBytes: 0,
    send: () => undefined,
    eof: () => undefined,
    request: (_type, body) => requested(Buffer.from(body).toString("latin1")),
    close: () => undefined,
    discard: () => undefined,
    consumed: () => undefined,
    widen: () => undefined,
  };
}

import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { pour } from "./poured.js";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** What a reader gets of these pieces, and whether they saw the end of it. */
async function read(pieces: AsyncIterable<string>) {
  const failures: unknown[] = [];
  let closed = 0;
  const server = createServer((_request, response) => {
    void pour(
      {
        pieces,
        idle: { text: "", everyMs: 60_000 },
        close: () => (closed += 1),
        failed: (error) => failures.push(error),
      },
      response,
    );
  }).listen(0, "127.0.0.1");
  ends.push(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP listener
  const request = get({ port, host: "127.0.0.1" });
  // The cut may come before the head of the answer has left.
  const answer = await new Promise<IncomingMessage | null>((resolve) => {
    request.on("response", resolve).on("error", () => resolve(null));
  });
  let text = "";
  if (answer !== null) {
    answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    answer.on("error", () => undefined);
    await new Promise((resolve) => answer.on("close", resolve));
  }
  return { text, whole: answer?.complete === true, failures: failures.length, closed: closed > 0 };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a source whose pieces are there at once
async function* of(parts: readonly string[], broken = false): AsyncGenerator<string> {
  yield* parts;
  if (broken) throw new Error("the disk is gone");
}

describe("what is poured into a response", () => {
  it("arrives, ends, and closes its source", async () => {
    expect(await read(of(["a", "b"]))).toEqual({
      ...{ text: "ab", whole: true, failures: 0, closed: true },
    });
  });

  it("is not taken for whole when its source breaks off", async () => {
    expect(await read(of(["a"], true))).toMatchObject({
      ...{ whole: false, failures: 1, closed: true },
    });
  });
});

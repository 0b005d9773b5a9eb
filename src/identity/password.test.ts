import { describe, expect, it } from "vitest";
import { Secret } from "../kernel/index.js";
import { createDirectory } from "./directory.js";
import { checkPassword, createPasswordJudge, hashPassword, parsePasswordHash } from "./password.js";

const secret = (text: string) => new Secret(Buffer.from(text));

async function hashed(text: string) {
  const read = parsePasswordHash(await hashPassword(secret(text)));
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

describe("a person's password", () => {
  it("is known by its argon2id hash", async () => {
    const judge = await createPasswordJudge();
    const record = await hashed("corréct horse");
    expect(await judge.judge(record, secret("corréct horse"))).toBe("accepted");
    expect(await judge.judge(record, secret("correct horse"))).toBe("wrong");
    expect(await judge.judge(record, secret(""))).toBe("wrong");
  });

  it("may be known itself, from a file or the environment", async () => {
    const judge = await createPasswordJudge();
    const record = { type: "plain", password: secret("s3cret") } as const;
    expect(await judge.judge(record, secret("s3cret"))).toBe("accepted");
    expect(await judge.judge(record, secret("s3cret "))).toBe("wrong");
    expect(await judge.judge(record, secret("s3cre"))).toBe("wrong");
  });

  it("has 1 to 1024 bytes", async () => {
    expect(checkPassword(secret("")).ok).toBe(false);
    expect(checkPassword(secret("x".repeat(1_024))).ok).toBe(true);
    expect(checkPassword(secret("x".repeat(1_025))).ok).toBe(false);
    const judge = await createPasswordJudge();
    const record = { type: "plain", password: secret("x".repeat(1_025)) } as const;
    expect(await judge.judge(record, secret("x".repeat(1_025)))).toBe("wrong");
  });

  it("leaves the typed answer to its owner: nothing is wiped behind their back", async () => {
    const judge = await createPasswordJudge();
    const answer = secret("s3cret");
    await judge.judge(undefined, answer);
    expect(answer.reveal((bytes) => Buffer.from(bytes).toString())).toBe("s3cret");
  });

  it("refuses to queue more judgements than the machine can finish in time", async () => {
    const judge = await createPasswordJudge();
    const outcomes = await Promise.all(
      Array.from({ length: 70 }, () => judge.judge(undefined, secret("guess"))),
    );
    expect(outcomes.filter((outcome) => outcome === "unavailable")).toHaveLength(6);
    expect(await judge.judge(undefined, secret("guess"))).toBe("wrong");
  });

  it.each([
    "$argon2id$...",
    "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
    "$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA",
    "plain",
  ])("is not taken from the hash %s", (phc) => {
    expect(parsePasswordHash(phc).ok).toBe(false);
  });
});

describe("the directory", () => {
  it("does not tell by its answers who exists", async () => {
    const directory = await createDirectory([
      {
        name: "alice",
        groups: ["dba"],
        keys: [],
        phrase: "blue heron",
        password: await hashed("a"),
      },
      { name: "bob", groups: [], keys: [], phrase: "red fox" },
    ]);
    expect(await directory.verifyPassword("alice", secret("a"))).toBe("accepted");
    expect(await directory.verifyPassword("bob", secret("a"))).toBe("wrong");
    expect(await directory.verifyPassword("nobody", secret("a"))).toBe("wrong");
    expect(directory.find("alice")).toEqual({
      name: "alice",
      groups: ["dba"],
      phrase: "blue heron",
      factors: ["password"],
    });
    expect(directory.find("__proto__")).toBeUndefined();
  });
});

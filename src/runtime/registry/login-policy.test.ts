import { describe, expect, it } from "vitest";
import {
  afterFirstFactor,
  FIRST,
  nextMethods,
  promptsFor,
  refusal,
  type LoginStage,
} from "./login-policy.js";
import { ALICE, BOB, RULES } from "./registry.testing.js";

const SECOND: LoginStage = { name: "second", person: "alice" };
const DONE: LoginStage = { name: "done", person: "alice" };

describe("the policy of log-ins", () => {
  it.each([
    ["off", ALICE, "accepted"],
    ["off", BOB, "accepted"],
    ["when-enrolled", ALICE, "second"],
    ["when-enrolled", BOB, "accepted"],
    ["required", ALICE, "second"],
    ["required", BOB, "not-enrolled"],
  ] as const)("with codes %s: after a first factor %o is %s", (totp, person, next) => {
    expect(afterFirstFactor({ ...RULES, totp }, person)).toBe(next);
  });

  it("asks for nothing but the code once the first factor is proved", () => {
    expect(nextMethods(RULES, FIRST)).toEqual(RULES.methods);
    expect(nextMethods(RULES, SECOND)).toEqual(["keyboard-interactive"]);
    expect(nextMethods(RULES, DONE)).toEqual([]);
    expect(promptsFor(RULES, SECOND)).toEqual([
      { text: "One-time code: ", echo: false, asksPassword: false },
    ]);
    expect(promptsFor(RULES, DONE)).toEqual([]);
  });

  it("does not tell by its prompts who is enrolled", () => {
    expect(promptsFor(RULES, FIRST)).toEqual([
      { text: "Password: ", echo: false, asksPassword: true },
    ]);
    expect(promptsFor({ ...RULES, methods: ["publickey"] }, FIRST)).toEqual([]);
  });

  it("ends a connection at the limit of failures, not before", () => {
    expect(refusal(RULES, FIRST, RULES.failuresPerConnectionMax - 1)).not.toHaveProperty(
      "disconnect",
    );
    expect(refusal(RULES, FIRST, RULES.failuresPerConnectionMax)).toHaveProperty("disconnect");
  });
});

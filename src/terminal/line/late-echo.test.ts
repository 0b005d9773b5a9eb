import { describe, expect, it } from "vitest";
import { transcript } from "./transcript.testing.js";

const MARK = "\x1b[?2004h";
const OVER = "\x1b[?2004l";

/** At bash, behind its first command; keys are answered within a few milliseconds. */
function atBash() {
  const bash = transcript();
  bash.prints(`${MARK}$ `);
  bash.typesEchoed("true");
  bash.types("\r");
  bash.prints(`\r\n${OVER}\r${MARK}$ `);
  return bash;
}

describe("an echo that comes late", () => {
  it("is waited for at a shell's prompt", () => {
    const bash = atBash();
    bash.types("say late");
    bash.wait(400);
    expect(bash.settled()).toBe(false);
    bash.prints("say late");
    expect(bash.settled()).toBe(true);
    expect(bash.reads()).toMatchObject({ text: "say late", confidence: 1, hidden: false });
  });

  it("is waited for when only its beginning has come", () => {
    const bash = atBash();
    bash.types("say late");
    bash.prints("say");
    bash.wait(400);
    expect(bash.settled()).toBe(false);
    bash.prints(" late");
    expect(bash.reads()).toMatchObject({ text: "say late", confidence: 1, hidden: false });
  });

  it("is waited for when it was typed ahead of the prompt", () => {
    const bash = atBash();
    bash.typesEchoed("true");
    bash.types("\r");
    bash.types("say ahead");
    bash.prints(`\r\n${OVER}\r`);
    bash.wait(400);
    expect(bash.settled()).toBe(false);
    bash.prints(`${MARK}$ say ahead`);
    expect(bash.settled()).toBe(true);
    expect(bash.reads()).toMatchObject({ text: "say ahead", hidden: false });
  });

  it("is not waited for forever: what never shows was typed unseen", () => {
    const bash = atBash();
    bash.types("say late");
    bash.wait(3_000);
    expect(bash.settled()).toBe(true);
    expect(bash.reads().hidden).toBe(true);
  });

  it("is not waited for long where a program asks for a secret", () => {
    const bash = atBash();
    bash.typesEchoed("sudo -s");
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r[sudo] password for alice: `);
    bash.wait(500);
    bash.types("hunter2");
    bash.wait(150);
    expect(bash.settled()).toBe(true);
    expect(bash.reads().hidden).toBe(true);
  });
});

describe("a command that was typed unseen", () => {
  it("is not mixed up with the ones before it", () => {
    const bash = atBash();
    bash.typesEchoed("echo one");
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r${MARK}$ `);
    bash.types("echo unseen");
    bash.wait(5_000);
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r${MARK}$ `);
    bash.wait(500);
    bash.typesEchoed("!!");
    expect(bash.reads().confidence).toBeLessThan(0.9);
    expect(bash.reads().text).not.toBe("echo one");
  });

  it("leaves the keys alone that vi took for commands", () => {
    const bash = atBash();
    bash.types("say one two\x1bbcwthree");
    bash.wait(5_000);
    bash.prints("say one three");
    bash.wait(5_000);
    expect(bash.settled()).toBe(true);
    expect(bash.reads()).toMatchObject({ text: "say one three", hidden: false });
  });
});

describe("a command of the history that was typed ahead of the prompt", () => {
  it("can not be known when the history is not", () => {
    const bash = atBash();
    bash.typesEchoed("HISTIGNORE='echo x*'");
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r${MARK}$ `);
    bash.wait(500);
    bash.typesEchoed("sleep 1");
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r`);
    bash.typesEchoed("!!:1*");
    expect(bash.reads()).toMatchObject({ confidence: 0 });
    expect(bash.reads().unknowable).toBeDefined();
  });
});

describe("a command that was begun and thrown away", () => {
  it("may stand in the history", () => {
    const bash = atBash();
    bash.typesEchoed("say one");
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r${MARK}$ `);
    bash.typesEchoed("say 'two");
    bash.types("\r");
    bash.prints(`\r\n${OVER}\r${MARK}> `);
    bash.types("\x03");
    bash.prints(`^C${OVER}\r\r\n${MARK}$ `);
    bash.wait(500);
    bash.typesEchoed("!!");
    expect(bash.reads().confidence).toBeLessThan(0.9);
  });
});

describe("what is recalled ahead of the prompt", () => {
  it("is waited for when the prompt comes first", () => {
    const bash = atBash();
    bash.typesEchoed("echo one");
    bash.types("\r");
    bash.types("\x1b[A");
    bash.prints(`\r\n${OVER}\r^[[A`);
    bash.prints(`\r${MARK}$ `);
    bash.wait(300);
    expect(bash.settled()).toBe(false);
    bash.prints("echo one");
    bash.wait(300);
    expect(bash.settled()).toBe(true);
    expect(bash.reads().text).toBe("echo one");
  });
});

describe("a line on the heels of Ctrl-C", () => {
  it("may have lost its first key", () => {
    const bash = atBash();
    bash.typesEchoed("true");
    bash.types("\r");
    bash.types("\x03");
    bash.prints(`\r\n${OVER}\r${MARK}$ `);
    bash.typesEchoed("say x");
    expect(bash.reads()).toMatchObject({ text: "say x" });
    expect(bash.reads().confidence).toBeLessThan(0.9);
    expect(bash.reads().candidates).toContain("ay x");
  });
});

describe("a recall behind keys whose echo comes first", () => {
  const recalling = (): ReturnType<typeof atBash> => {
    const bash = atBash();
    bash.types("say \x1b.");
    bash.prints("say ");
    return bash;
  };

  it("is waited for, and is not sure while nothing of it shows", () => {
    const bash = recalling();
    bash.wait(400);
    expect(bash.settled()).toBe(false);
    expect(bash.reads().confidence).toBeLessThan(0.9);
    bash.prints("one");
    bash.wait(300);
    expect(bash.settled()).toBe(true);
    expect(bash.reads()).toMatchObject({ text: "say one", hidden: false });
  });

  it("is over with the bell where there is nothing to recall", () => {
    const bash = recalling();
    bash.prints("\x07");
    bash.wait(300);
    expect(bash.settled()).toBe(true);
    expect(bash.reads()).toMatchObject({ text: "say ", confidence: 0.95 });
  });

  it("is not waited for forever", () => {
    const bash = recalling();
    bash.wait(1_500);
    expect(bash.settled()).toBe(true);
  });
});

describe("an interrupt that readline has taken and bash has not", () => {
  // The parser takes it with the first character of the next line, which is lost; the line stays.
  const PENDING = `^C${OVER}\r${MARK}`;

  it("makes the next line doubtful, though its mark has come", () => {
    const bash = atBash();
    bash.wait(3_000);
    bash.types("\x03");
    bash.prints(PENDING);
    bash.wait(200);
    bash.types("say x");
    bash.prints("\x1b[C\x1b[Csay x");
    expect(bash.reads().confidence).toBeLessThan(0.9);
    expect(bash.reads().candidates).toContain("ay x");
  });

  it("leaves what stood there in front of it", () => {
    const bash = atBash();
    bash.wait(3_000);
    bash.typesEchoed("rm ");
    bash.types("\x03");
    bash.prints(PENDING);
    bash.wait(200);
    bash.types("-rf x");
    bash.prints("\x1b[5C-rf x");
    expect(bash.reads().confidence).toBeLessThan(0.9);
    expect(bash.reads().candidates).toContain("rm -rf x");
    expect(bash.reads().candidates).toContain("m -rf x");
  });

  it("leaves a line whose Enter it has thrown away", () => {
    const bash = atBash();
    bash.typesEchoed("rm ");
    bash.types("\r\x03");
    bash.prints(PENDING);
    bash.wait(200);
    bash.types("-rf x");
    bash.prints("\x1b[5C-rf x");
    expect(bash.reads().confidence).toBeLessThan(0.9);
    expect(bash.reads().candidates).toContain("rm -rf x");
  });

  it("keeps nothing that was typed unseen", () => {
    const bash = atBash();
    bash.wait(3_000);
    bash.types("hunter2");
    bash.wait(3_000);
    bash.types("\x03");
    bash.prints(PENDING);
    bash.wait(200);
    bash.types("say x");
    bash.prints("\x1b[C\x1b[Csay x");
    expect(bash.reads().candidates.join()).not.toContain("hunter2");
  });

  it("leaves no doubt where the prompt came anew", () => {
    const bash = atBash();
    bash.wait(3_000);
    bash.typesEchoed("rm ");
    bash.types("\x03");
    bash.prints(`${PENDING}${OVER}\r\r\n${MARK}$ `);
    bash.wait(200);
    bash.typesEchoed("say x");
    expect(bash.reads()).toMatchObject({ text: "say x", confidence: 1, candidates: ["say x"] });
  });
});

describe("a target far away", () => {
  const far = (): ReturnType<typeof transcript> => {
    const bash = transcript();
    bash.prints(`${MARK}$ `);
    for (const key of "true one") {
      bash.types(key);
      bash.wait(99);
      bash.prints(key);
    }
    bash.types("\r");
    bash.wait(99);
    bash.prints(`\r\n${OVER}\r${MARK}$ `);
    return bash;
  };

  it("is waited for: what comes at once answers the key before", () => {
    const bash = far();
    bash.types("\x1b[A");
    bash.wait(60);
    bash.types("\x14");
    bash.wait(40);
    bash.prints("true one");
    bash.wait(100);
    expect(bash.settled()).toBe(false);
    bash.prints("\b\ben");
    bash.wait(250);
    expect(bash.settled()).toBe(true);
    expect(bash.reads()).toMatchObject({ text: "true oen", hidden: false });
  });
});

describe("fish", () => {
  const RESET = "\x1b[30m\x1b(B\x1b[m";
  const atFish = (): ReturnType<typeof transcript> => {
    const fish = transcript();
    const prompt = `\u23ce \r\x1b[K${MARK}${RESET}lab> `;
    fish.prints(prompt);
    fish.typesEchoed("say one");
    fish.types("\r");
    fish.prints(`\r\n\x1b[?2004l\r${prompt}`);
    fish.typesEchoed("say one");
    return fish;
  };

  it("reads no key while it shows that there is nothing to recall, and is waited for", () => {
    const fish = atFish();
    fish.types("\x1b[B");
    fish.prints("\x1b[7D\x1b[1m\x1b[100msay one\x1b[m");
    fish.types("\x14");
    fish.wait(90);
    expect(fish.settled()).toBe(false);
    fish.prints("\x1b[7Dsay one\x1b[7Dsay oen");
    fish.wait(100);
    expect(fish.settled()).toBe(true);
    expect(fish.reads()).toMatchObject({ text: "say oen" });
  });
});

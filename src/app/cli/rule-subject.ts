import type { RuleSubject } from "../../rules/index.js";
import type { Config } from "../config/index.js";

/** Who is supposed to type a line that is only looked at, or why there is no such session. */
export function ruleSubject(
  config: Config,
  asked: {
    readonly person: string | undefined;
    readonly target: string | undefined;
    readonly account: string | undefined;
    readonly language?: string | undefined;
    readonly ticket?: string | undefined;
  },
): RuleSubject | string {
  const person = config.people.find((one) => one.name === asked.person);
  if (asked.person !== undefined && person === undefined) {
    return `there is no person \`${asked.person}\``;
  }
  const target =
    asked.target === undefined
      ? config.targets[0]
      : config.targets.find((one) => one.name === asked.target);
  if (target === undefined) return `there is no target \`${asked.target ?? ""}\``;
  const language = asked.language ?? person?.language;
  const embedded = target.type === "embedded";
  const account = embedded ? target.account : (target.accounts[0]?.name ?? "");
  return {
    protocol: "ssh",
    origin: "127.0.0.1",
    account: asked.account ?? account,
    ...(asked.ticket === undefined ? {} : { ticket: asked.ticket }),
    person: {
      name: asked.person ?? "",
      groups: person?.groups ?? [],
      phrase: "",
      factors: [],
      ...(language === undefined ? {} : { language }),
    },
    target: {
      name: target.name,
      labels: target.labels,
      embedded,
      address: embedded ? "embedded" : `${target.host}:${target.port}`,
    },
  };
}

import { MICROS_PER_SECOND, wallMicros } from "../kernel/index.js";
import { RULED_CHANNELS } from "../model/index.js";
import { compileScopes } from "./matchers/scope.js";
import { PROTOCOLS } from "./read/scope.js";
import type { Comparison, ScopeSource, TestContext } from "./read/source.js";

/**
 * What a test does not say is what suits the scopes of its rule, so that it only has to speak of what it
 * is about. Several proposals, the plainest first: what `not` excludes is often what is usual. None of
 * them need suit: scopes may contradict each other, or what the test says.
 */
export function suitingContexts(
  given: TestContext,
  scopes: readonly ScopeSource[],
  usualTime: number,
): readonly TestContext[] {
  if (scopes.length === 0) return [given];
  const groups = scopes.flatMap((scope) => scope.groups?.slice(0, 1).map(sampleOf) ?? []);
  const wanted = scopes.reduce<TestContext>((sum, scope) => ({ ...sum, ...wantedBy(scope) }), {});
  const full = {
    ...(groups.length === 0 ? {} : { groups }),
    ...wanted,
    ...timeFor(scopes, usualTime),
    ...given,
  };
  return [full, { ...UNUSUAL, ...full }];
}

/** Somebody else, elsewhere. */
const UNUSUAL: TestContext = {
  person: "somebody-else",
  account: "another-account",
  target: "another-target",
  origin: "198.51.100.77",
  address: "198.51.100.78:22",
};

function wantedBy(scope: ScopeSource): TestContext {
  const { targets, sessionRisk } = scope;
  const protocol = PROTOCOLS.find((known) => known === scope.protocols?.[0]);
  const channel = RULED_CHANNELS.find((known) => known === scope.channels?.[0]);
  const context = CONTEXTS.find((known) => known === scope.contexts?.[0]);
  return {
    ...given("person", scope.persons),
    ...given("account", scope.accounts),
    ...given("target", targets?.names),
    ...given("address", targets?.cidr?.map(firstAddress)),
    ...given("origin", scope.originCidr?.map(firstAddress)),
    ...given("program", scope.programs),
    ...(scope.programs === undefined ? {} : { context: "program" }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(channel === undefined ? {} : { channel }),
    ...(context === undefined ? {} : { context }),
    ...(targets?.labels === undefined
      ? {}
      : {
          labels: Object.fromEntries(
            targets.labels.map(({ name, values }) => [name, sampleOf(values[0] ?? "")]),
          ),
        }),
    ...(scope.ticket === "present" ? { ticket: "TICKET-1" } : {}),
    ...(sessionRisk === undefined ? {} : { risk: riskThat(sessionRisk) }),
  };
}

const CONTEXTS = ["shell", "program", "unknown"] as const;

function given(key: keyof TestContext, values: readonly string[] | undefined): TestContext {
  const first = values?.[0];
  return first === undefined ? {} : { [key]: sampleOf(first) };
}

/** A text that the glob means: `db-*` is also `db-x`. */
function sampleOf(glob: string): string {
  return glob.replace(/[*?]/g, "x").replace(/\[([^\]])[^\]]*\]/g, "$1");
}

function firstAddress(cidr: string): string {
  return cidr.split("/")[0] ?? cidr;
}

function riskThat({ operator, value }: Comparison): number {
  switch (operator) {
    case ">":
      return value + 1;
    case "<":
      return value - 1;
    case ">=":
    case "<=":
    case "==":
      return value;
  }
}

/** The first moment within a week that lies in the windows. */
function timeFor(scopes: readonly ScopeSource[], usual: number): TestContext {
  const clocks = scopes.flatMap(({ time }) => (time === undefined ? [] : [{ time }]));
  if (clocks.length === 0) return {};
  const test = compileScopes(clocks);
  for (let step = 0; step < STEPS_A_WEEK; step++) {
    const time = usual + step * STEP_MICROS;
    if (test.holds(NOBODY, { channelKind: "shell", wall: wallMicros(time) })) return { time };
  }
  return {};
}

const NOBODY = {
  person: { name: "", groups: [], phrase: "", factors: [] },
  account: "",
  target: { name: "", address: "", labels: {}, embedded: false },
  protocol: "ssh",
  origin: "",
} as const;
/** Windows shorter than this are not found; nobody writes such. */
const STEP_MICROS = 5 * 60 * MICROS_PER_SECOND;
const STEPS_A_WEEK = (7 * 24 * 60) / 5;

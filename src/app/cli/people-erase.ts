import { openProfileStore } from "../../runtime/index.js";
import { CONFIG_OPTION, type Command } from "./command.js";
import { tellFaults } from "./console.js";
import { EXIT } from "./exit-code.js";
import { loadCalledConfig } from "./find-config.js";

export const eraseBehaviourCommand: Command = {
  words: ["people", "erase"],
  positionals: "NAME",
  summary: "forgets how a person types, what they run, and when and from where they come",
  options: {
    config: CONFIG_OPTION,
    yes: { type: "boolean", help: "really do it; without it nothing happens" },
  },
  notes: [
    "The sidecar may be running: a session of the person that runs now teaches nothing any more,",
    "and within half a minute nobody is compared with them. The next session learns anew.",
    "A scoring core that carries profiles between sidecars is told by the sidecar, and tells the others.",
    "Not touched: events, recordings and the audit log; see `chaperone audit erase`.",
  ],
  examples: ["chaperone people erase alice --yes"],
  run(call) {
    const { console } = call;
    const [name, ...rest] = call.positionals;
    if (name === undefined || rest.length > 0) {
      console.err("chaperone people erase: say one NAME");
      return Promise.resolve(EXIT.usage);
    }
    const config = loadCalledConfig(call);
    if (!config.ok) {
      tellFaults(console, config.error);
      return Promise.resolve(EXIT.couldNotRun);
    }
    if (call.values["yes"] !== true) {
      console.err("nothing was erased: this can not be undone; say --yes to do it");
      return Promise.resolve(EXIT.usage);
    }
    const store = openProfileStore(config.value.stateDir, Date.now);
    const erased = store.ok ? store.value.erase(name) : store;
    if (!erased.ok) {
      tellFaults(console, [erased.error]);
      return Promise.resolve(EXIT.couldNotRun);
    }
    console.out(erased.value ? `erased: the profile of ${name}` : `nothing is stored of ${name}`);
    return Promise.resolve(EXIT.fine);
  },
};

/** The lab with bash in it, which is what it has when nothing else is asked for. */
export {
  openShellLab as openBashLab,
  type ShellLab as BashLab,
  type ShellLabOptions as BashLabOptions,
} from "./shell-lab.testing.js";

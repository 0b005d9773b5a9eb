export {
  analyseDesktopLine,
  analyseWindowsLine,
  type WindowsShell,
} from "./analyse-windows-line.js";

/** Programs that do harm by themselves, and those that start any other. */
const NAMES =
  "rm unlink rmdir shred srm wipe truncate dd mkfs mkfs\\.\\w+ wipefs chmod chown mv find " +
  "sh bash dash zsh ksh ash fish csh tcsh busybox toybox sudo doas su env nohup xargs " +
  "python python3 perl ruby node";
/** What a command begins with that is worth a suspicion, as a source of regular expressions. */
export const HARMFUL_NAME = `(?:\\.{0,2}/(?:[\\w.-]+/)*)?(?:${NAMES.split(" ").join("|")})`;

/** Short options are too many to be told apart, but that some settings are commands is known. */
export const COMMAND_OPTION =
  /^--?[\w-]*(?:command|cmd|exec|hook|pager|editor|rsh|ssh|program|filter|wrapper|renderer|preview|script|shell|askpass|invoke|tool|passwordeval|eval|config|-up$|-down$|opener|browser|parameters|scripts)[\w-]*$/;

/** Functions that delete. True: what lies below goes, too. `option`: when the call says so. */
export const DELETERS: ReadonlyMap<string, boolean | "option"> = new Map<
  string,
  boolean | "option"
>([
  ...[
    "rmtree",
    "remove_tree",
    "remove_all",
    "RemoveAll",
    "deltree",
    "delete-directory-and-files",
    "rm_rf",
    "rm_r",
    "remove_entry",
    "remove_entry_secure",
  ].map((name) => [name, true] as const),
  ...["remove_dir", "deleteDir", "deleteDirectory", "delete-directory", "rmtree_p"].map(
    (name) => [name, true] as const,
  ),
  ...["rm", "rmSync", "rmdirSync", "delete", "unlink", "fdelete", "remove", "removeSync"].map(
    (name) => [name, "option"] as const,
  ),
  ...["rmdir", "removedirs", "unlinkSync", "delete-file", "rm_f", "file_remove"].map(
    (name) => [name, false] as const,
  ),
]);

/**
 * Where the files of one scp land or come from. The command names one place; whether that is a folder is
 * known to the target alone, so a first-level file of an upload is judged below it (the command itself was
 * judged by the place as it is).
 */
export class ScpPlaces {
  readonly #direction: "upload" | "download";
  readonly #path: string | null;
  readonly #folders: string[] = [];

  constructor(direction: "upload" | "download", path: string | null) {
    this.#direction = direction;
    this.#path = path;
  }

  of(name: string): string {
    const folder = this.#folders.at(-1);
    if (folder !== undefined) return below(folder, name);
    const path = this.#path;
    if (path === null) return name;
    if (this.#direction === "upload") return below(path, name);
    const last = path.replace(/\/+$/, "");
    const slash = last.lastIndexOf("/");
    if (last.slice(slash + 1) === name) return last;
    // A pattern that the shell of the target has expanded, or a folder called `.`.
    return slash < 0 ? name : below(slash === 0 ? "/" : last.slice(0, slash), name);
  }

  enter(name: string): void {
    this.#folders.push(this.of(name));
  }

  leave(): void {
    this.#folders.pop();
  }

  get depth(): number {
    return this.#folders.length;
  }
}

function below(folder: string, name: string): string {
  return folder === "" || folder === "." ? name : `${folder.replace(/\/+$/, "")}/${name}`;
}

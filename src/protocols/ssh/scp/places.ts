/** Where a file lands or comes from; `or` where the names alone do not tell. */
export interface ScpPlace {
  readonly path: string;
  readonly or?: string;
}

/**
 * Where the files of one scp are. The command names one place, and whether that is a folder is known to the
 * target alone, unless the client says so (`-d`): the first name of an upload is that place, or stands in it.
 */
export class ScpPlaces {
  readonly #direction: "upload" | "download";
  readonly #path: string | null;
  readonly #isFolder: boolean;
  readonly #folders: ScpPlace[] = [];

  constructor(named: {
    readonly direction: "upload" | "download";
    readonly path: string | null;
    readonly isFolder: boolean;
  }) {
    this.#direction = named.direction;
    this.#path = named.path;
    this.#isFolder = named.isFolder || named.path === "." || named.path?.endsWith("/") === true;
  }

  of(name: string): ScpPlace {
    const folder = this.#folders.at(-1);
    if (folder !== undefined) {
      const path = below(folder.path, name);
      return folder.or === undefined ? { path } : { path, or: below(folder.or, name) };
    }
    const path = this.#path;
    if (path === null) return { path: name };
    if (this.#direction === "download") return { path: source(path, name) };
    return this.#isFolder ? { path: below(path, name) } : { path, or: below(path, name) };
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

/** Of a download: the place itself, or what its pattern has become (the target's shell expands it). */
function source(path: string, name: string): string {
  const last = path.replace(/\/+$/, "");
  const slash = last.lastIndexOf("/");
  if (last.slice(slash + 1) === name) return last;
  return slash < 0 ? name : below(slash === 0 ? "/" : last.slice(0, slash), name);
}

function below(folder: string, name: string): string {
  return folder === "" || folder === "." ? name : `${folder.replace(/\/+$/, "")}/${name}`;
}

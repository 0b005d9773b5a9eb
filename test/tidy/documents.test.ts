import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { describe, expect, it } from "vitest";

import { projectFiles, readProject, ROOT } from "./project.testing.js";

/** Licences whose terms a product under Apache-2.0 can keep by shipping their text. */
const LICENCES_ALLOWED = new Set([
  "Apache-2.0",
  // The same, as guacamole-common-js spells it.
  "Apache 2.0",
  "MIT",
  "MIT-0",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
  "Unlicense",
  "Python-2.0",
]);
const ARCHITECTURE_LINES_MAX = 200;

const documents = projectFiles().filter((path) => path.endsWith(".md"));

describe("documents", () => {
  it("link only to what is there", () => {
    const broken = documents.flatMap((path) =>
      links(readProject(path))
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !targetExists(path, link))
        .map((link) => `${path} -> ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it("are all reachable from the README", () => {
    const seen = new Set<string>();
    const waiting = ["README.md"];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      for (const link of links(readProject(path))) {
        const target = normalize(join(dirname(path), link.replace(/#.*$/, "")));
        if (documents.includes(target)) waiting.push(target);
      }
    }
    const lost = documents.filter(
      (path) => !seen.has(path) && !/^(examples|fixtures)\//.test(path),
    );
    expect(lost).toEqual([]);
  });

  it("keep ARCHITECTURE.md short enough to be read", () => {
    expect(readProject("ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(
      ARCHITECTURE_LINES_MAX,
    );
  });

  it("show a code map with every room that there is, and no other", () => {
    const rooms = new Set(
      projectFiles()
        .filter((path) => path.startsWith("src/"))
        .map((path) => path.split("/")[1] ?? "")
        .filter((room) => !room.includes(".")),
    );
    const map = readProject("ARCHITECTURE.md").matchAll(/^\| `([a-z]+)\/` /gm);
    expect(new Set([...map].map((row) => row[1]))).toEqual(rooms);
  });
});

describe("dependencies", () => {
  it("that are shipped have licences we can keep", () => {
    const lock = JSON.parse(readProject("package-lock.json")) as {
      packages: Record<string, { dev?: boolean; license?: string; optional?: boolean }>;
    };
    const shipped = Object.entries(lock.packages).filter(
      ([path, entry]) => path !== "" && entry.dev !== true,
    );
    expect(shipped.length).toBeGreaterThan(10);
    const odd = shipped
      .map(([path, entry]) => ({ path, licence: entry.license ?? installedLicence(path) }))
      .filter(({ licence }) => !LICENCES_ALLOWED.has(licence));
    expect(odd).toEqual([]);
  });
});

function links(text: string): readonly string[] {
  const prose = text.replace(/```[\s\S]*?```/g, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
}

function targetExists(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(ROOT, target))) return false;
  if (anchor === undefined || !target.endsWith(".md")) return true;
  return headings(readFileSync(join(ROOT, target), "utf8")).includes(anchor);
}

/** Anchors as GitHub makes them: lower case, punctuation gone, blanks to dashes. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ +(.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Old packages name their licence in their own package.json only, some as an object. */
function installedLicence(path: string): string {
  const manifest = JSON.parse(readProject(join(path, "package.json"))) as {
    license?: string | { type: string };
    licenses?: { type: string }[];
  };
  const { license, licenses } = manifest;
  if (typeof license === "string") return license;
  return license?.type ?? licenses?.[0]?.type ?? "none";
}

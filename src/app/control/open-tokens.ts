import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { createTokenDesk, type TokenDesk, type TokenEntry } from "../../admin/index.js";
import { ensurePrivateFolder, readOrMakePrivateFile } from "../../identity/index.js";
import { Secret, type Fault, type Result } from "../../kernel/index.js";
import type { AdminListener } from "../config/index.js";

/** 256 bits: nobody guesses it, however many tries they have. */
const TOKEN_BYTES = 32;

/** Reads the token files, makes those that are missing (mode 0600), and keeps only digests of them. */
export async function openTokens(
  tokens: AdminListener["tokens"],
): Promise<Result<TokenDesk, Fault>> {
  const entries: TokenEntry[] = [];
  for (const { name, role, groups, file } of tokens) {
    const folder = await ensurePrivateFolder(dirname(file));
    if (!folder.ok) return folder;
    const content = await readOrMakePrivateFile(file, () =>
      Buffer.from(`${randomBytes(TOKEN_BYTES).toString("base64url")}\n`),
    );
    if (!content.ok) return content;
    entries.push({ name, role, groups, file, token: new Secret(content.value) });
  }
  return createTokenDesk(entries);
}

import { existsSync } from "node:fs";
import { chromium, type Browser, type CDPSession, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const program = PLACES.find((one) => existsSync(one));
/** Debian: apt install chromium. */
export const browserThere = program !== undefined;

/** A real browser with keys that are made of software. */
export interface KeyBrowser {
  /** A window of its own: no cookies, one key. */
  window(options?: { readonly script?: boolean }): Promise<KeyWindow>;
  close(): Promise<void>;
}

export interface KeyWindow {
  readonly page: Page;
  /** What the page complained about: errors of scripts, and whatever its own policy refused. */
  readonly complaints: readonly string[];
  credentials(): Promise<readonly { readonly credentialId: string; readonly signCount: number }[]>;
  /** As a copy of the key would be: its counter stands at `count` again. */
  setBack(count: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * `trusts`: public keys of authorities (SHA-256 of the SubjectPublicKeyInfo, base64) that this browser takes
 * as if the machine knew them. It gives keys to no page whose certificate it does not trust.
 */
export async function openKeyBrowser(trusts: readonly string[] = []): Promise<KeyBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: program ?? "",
    args: [
      "--no-sandbox",
      ...(trusts.length === 0 ? [] : [`--ignore-certificate-errors-spki-list=${trusts.join(",")}`]),
    ],
  });
  return {
    window: (options) => openWindow(browser, options?.script ?? true),
    close: () => browser.close(),
  };
}

async function openWindow(browser: Browser, script: boolean): Promise<KeyWindow> {
  const context = await browser.newContext({ javaScriptEnabled: script });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text());
  });
  const devtools: CDPSession = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "usb",
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const credentials = async () =>
    (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  return {
    page,
    complaints,
    credentials,
    async setBack(count) {
      for (const credential of await credentials()) {
        const { credentialId } = credential;
        await devtools.send("WebAuthn.removeCredential", { authenticatorId, credentialId });
        await devtools.send("WebAuthn.addCredential", {
          authenticatorId,
          credential: { ...credential, signCount: count },
        });
      }
    },
    close: () => context.close(),
  };
}

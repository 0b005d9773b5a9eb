// A person's browser: real Chromium with an unmodified client of Guacamole (guacamole-common-js).
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { chromium, type Browser, type Page } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const program = PLACES.find((one) => existsSync(one));
/** Debian: apt install chromium. */
export const browserThere = program !== undefined;

const LIBRARY = new URL(
  "../esm/guacamole-common.js",
  `file://${createRequire(import.meta.url).resolve("guacamole-common-js")}`,
);

/** What any application around the client does, and nothing more. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>client</title>
<style>body{margin:0;background:#333}#screen{position:absolute;left:0;top:0}</style>
<div id="screen"></div>
<script type="module">
import Guacamole from "/guacamole.js";
const seen = { state: -1, error: null, clipboard: [], files: [], acks: [], unstable: 0, drawn: {} };
window.seen = seen;
window.enter = (address, query) => {
  const tunnel = new Guacamole.WebSocketTunnel(address);
  const client = new Guacamole.Client(tunnel);
  window.client = client;
  const taken = tunnel.oninstruction;
  tunnel.oninstruction = (opcode, args) => {
    if (opcode === "img") seen.drawn[args[2]] = (seen.drawn[args[2]] ?? 0) + 1;
    taken(opcode, args);
  };
  client.onstatechange = (state) => { seen.state = state; };
  tunnel.onstatechange = (state) => { if (state === Guacamole.Tunnel.State.UNSTABLE) seen.unstable += 1; };
  client.onerror = ({ code, message }) => { seen.error ??= { code, message }; };
  tunnel.onerror = ({ code, message }) => { seen.error ??= { code, message }; };
  client.onclipboard = (stream) => {
    const reader = new Guacamole.StringReader(stream);
    let text = "";
    reader.ontext = (piece) => { text += piece; };
    reader.onend = () => seen.clipboard.push(text);
  };
  client.onfile = (stream, mimetype, name) => {
    const reader = new Guacamole.BlobReader(stream, mimetype);
    stream.sendAck("OK", Guacamole.Status.Code.SUCCESS);
    reader.onprogress = () => stream.sendAck("OK", Guacamole.Status.Code.SUCCESS);
    reader.onend = () => seen.files.push(name);
  };
  const element = client.getDisplay().getElement();
  document.getElementById("screen").append(element);
  const mouse = new Guacamole.Mouse(element);
  mouse.onEach(["mousedown", "mouseup", "mousemove"], ({ state }) => client.sendMouseState(state));
  const keyboard = new Guacamole.Keyboard(document);
  keyboard.onkeydown = (keysym) => { client.sendKeyEvent(1, keysym); };
  keyboard.onkeyup = (keysym) => { client.sendKeyEvent(0, keysym); };
  window.onbeforeunload = () => client.disconnect();
  client.connect(query);
};
window.paste = (text) => {
  const writer = new Guacamole.StringWriter(window.client.createClipboardStream("text/plain"));
  writer.sendText(text);
  writer.sendEnd();
};
window.upload = (name, text) => {
  const writer = new Guacamole.BlobWriter(window.client.createFileStream("text/plain", name));
  writer.oncomplete = () => writer.sendEnd();
  // What is sent before the stream is agreed on is not counted by the writer: its end would overtake it.
  let begun = false;
  writer.onack = ({ code, message }) => {
    seen.acks.push({ name, code, message });
    if (begun || code !== 0) return;
    begun = true;
    writer.sendBlob(new Blob([text]));
  };
};
/** Colour of a point of the screen as it is shown: every layer, the cursor left out. */
window.pixel = (x, y) => [...window.client.getDisplay().flatten().getContext("2d").getImageData(x, y, 1, 1).data];
window.ready = true;
</script>`;

export interface Seen {
  readonly state: number;
  readonly error: { readonly code: number; readonly message: string } | null;
  readonly clipboard: readonly string[];
  readonly files: readonly string[];
  readonly acks: readonly { readonly name: string; readonly code: number }[];
  readonly unstable: number;
  /** Pictures by layer. */
  readonly drawn: Readonly<Record<string, number>>;
}

export interface DesktopBrowser {
  /** Opens the client; it connects at once. */
  enter(tunnel: string, query: string): Promise<DesktopWindow>;
  /** An empty window, for pages of ours. */
  page(): Promise<Page>;
  close(): Promise<void>;
}

export interface DesktopWindow {
  readonly page: Page;
  seen(): Promise<Seen>;
  pixel(x: number, y: number): Promise<readonly number[]>;
  paste(text: string): Promise<void>;
  upload(name: string, text: string): Promise<void>;
  close(): Promise<void>;
}

const WAIT_MS = 20_000;

export async function openDesktopBrowser(): Promise<DesktopBrowser> {
  const library = readFileSync(LIBRARY);
  const server = createServer((request, response) => {
    const script = request.url === "/guacamole.js";
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ? library : PAGE);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const browser: Browser = await chromium.launch({
    executablePath: program ?? "",
    args: ["--no-sandbox"],
  });
  async function newPage(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1_024, height: 768 } });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    return page;
  }
  return {
    page: newPage,
    async enter(tunnel, query) {
      const page = await newPage();
      await page.goto(home);
      await page.waitForFunction("window.ready === true");
      await page.evaluate(`window.enter(${JSON.stringify(tunnel)}, ${JSON.stringify(query)})`);
      return {
        page,
        seen: () => page.evaluate("window.seen"),
        pixel: (x, y) => page.evaluate(`window.pixel(${x}, ${y})`),
        paste: (text) => page.evaluate(`window.paste(${JSON.stringify(text)})`),
        upload: (name, text) =>
          page.evaluate(`window.upload(${JSON.stringify(name)}, ${JSON.stringify(text)})`),
        close: () => page.context().close(),
      };
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

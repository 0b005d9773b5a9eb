import { z } from "zod";
import { accountName, name, path, personName, port } from "./schema-words.js";
import { SIZE } from "./size.js";

const way = z.enum(["allow", "deny"]);
const size = z.string().regex(SIZE, "must be a size such as 512KiB or 1GiB");

const ways = {
  readOnly: z.boolean().describe("nothing that the person does reaches the desktop"),
  copy: way.describe("from the clipboard of the desktop to the person"),
  paste: way.describe("from the clipboard of the person to the desktop"),
  upload: way.describe("files to the desktop"),
  download: way.describe("files from the desktop"),
  microphone: way,
  pipes: way.describe("named pipes: `STDIN` types into a terminal of guacd without a key"),
  clipboardSize: size.describe("of one clipboard; a longer one is refused"),
  fileSize: size.describe("of one file; a longer one is refused"),
  signsInOnScreen: z
    .boolean()
    .describe("the desktop asks for name and password itself: what is typed first is hidden"),
  hideForms: z
    .boolean()
    .describe("what is entered behind a Tab, as in a form of name and password, is hidden"),
  prompting: z
    .array(
      z.string().regex(/^[^\s/\\]{1,64}$/, "must be the name of a program, without its folder"),
    )
    .max(256)
    .describe(
      "programs that ask for a password, beside those that are known: what follows is hidden",
    ),
};

/** What people may do on desktops, where a target does not say otherwise. */
export const desktopSchema = z
  .strictObject({
    readOnly: ways.readOnly.default(false),
    copy: ways.copy.default("allow"),
    paste: ways.paste.default("allow"),
    upload: ways.upload.default("allow"),
    download: ways.download.default("allow"),
    microphone: ways.microphone.default("deny"),
    pipes: ways.pipes.default("deny"),
    clipboardSize: ways.clipboardSize.default("1MiB"),
    fileSize: ways.fileSize.default("1GiB"),
    signsInOnScreen: ways.signsInOnScreen.default(false),
    hideForms: ways.hideForms.default(true),
    prompting: ways.prompting.default([]),
  })
  .prefault({})
  .describe("targets of the protocols rdp, vnc and telnet; see docs/guide/rdp-vnc.md");

/** The same for one target: what is left out is as for all of them. */
export const desktopOverrideSchema = z.strictObject(ways).partial();

/** Parameters of guacd for one target, by the names of the Guacamole manual. */
export const parametersSchema = z
  .record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/), z.string().max(1_024))
  .default({})
  .describe('of guacd, for targets that it reaches: `security: nla`, `ignore-cert: "true"`, ...');

/** Web applications that can not give a token. */
const peers = z
  .array(
    z.strictObject({
      from: z
        .array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
        .min(1)
        .max(64),
      person: personName,
      target: name,
      account: accountName.optional(),
    }),
  )
  .max(64)
  .default([])
  .describe(
    "addresses (CIDR) that come in without a token, each as one person on one target: whoever can connect from there is that person; the first that fits",
  );

const listenAddress = z.string().min(1).max(255).describe("IP address or host name to bind");

/** `listen.guacd`. */
export const guacdListenerSchema = z
  .strictObject({
    address: listenAddress,
    port,
    target: z
      .string()
      .optional()
      .describe(
        "host:port of the real guacd; absent: 127.0.0.1:4822, or :4823 where this listener has 4822",
      ),
    peers,
    tls: z
      .strictObject({
        cert: path,
        key: path,
        clientCa: path
          .optional()
          .describe("only who has a certificate of these may connect at all"),
      })
      .optional()
      .describe("as guacd itself offers it (`guacd-ssl`)"),
  })
  .describe("speaks guacd's protocol to web applications; see docs/guide/rdp-vnc.md");

/** `listen.guacamole`; `secret` is how the file names secrets. */
export const tunnelListenerSchema = <T extends z.ZodType>(secret: T) =>
  z
    .strictObject({
      address: listenAddress,
      port,
      path: z.string().startsWith("/").default("/tunnel"),
      target: z.string().optional().describe("of the real guacd, where `listen.guacd` names none"),
      tokenKey: secret,
      tls: z.strictObject({ cert: path, key: path }).optional(),
      guacamoleLite: z
        .strictObject({ key: secret })
        .optional()
        .describe(
          "takes tokens of guacamole-lite (AES-256-CBC, the key of 32 bytes) that hold a `chaperone-token` among their settings",
        ),
    })
    .describe("a WebSocket for browsers; see docs/guide/rdp-vnc.md");

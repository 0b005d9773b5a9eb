/**
 * One instruction of the Guacamole protocol, parsed: the length prefixes are gone, every element is
 * text. https://guacamole.apache.org/doc/gug/guacamole-protocol.html
 */
export interface Instruction {
  readonly opcode: string;
  readonly args: readonly string[];
}

/** Protocols of targets that are reached through guacd and seen as a picture. */
export const DESKTOP_PROTOCOLS = ["rdp", "vnc", "telnet"] as const;
export type DesktopProtocol = (typeof DESKTOP_PROTOCOLS)[number];

export function isDesktopProtocol(name: string): name is DesktopProtocol {
  return (DESKTOP_PROTOCOLS as readonly string[]).includes(name);
}

/** What a person may do on a desktop besides looking and typing; what is denied never reaches it. */
export interface DesktopPolicy {
  /** Nothing the person does reaches the target. */
  readonly readOnly: boolean;
  /** From the target's clipboard to the person. */
  readonly copy: boolean;
  /** From the person's clipboard to the target. */
  readonly paste: boolean;
  /** Files from the person to the target. */
  readonly upload: boolean;
  /** Files from the target to the person. */
  readonly download: boolean;
  /** The person's microphone. */
  readonly microphone: boolean;
  /** Named pipes: a pipe `STDIN` types into a terminal of guacd without a key being pressed. */
  readonly pipes: boolean;
  readonly clipboardBytesMax: number;
  readonly fileBytesMax: number;
  /** The desktop asks for name and password itself: what is typed until then is hidden. */
  readonly signsInOnScreen?: boolean;
  /** False: what is entered behind a Tab is not taken for a form with a password. */
  readonly hideForms?: boolean;
  /** Programs that ask for a password, beside those that are known; lower case. */
  readonly prompting?: readonly string[];
}

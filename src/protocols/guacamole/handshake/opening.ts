/** What the person's client can show and hear; taken over from their side of the handshake. */
export interface ClientWants {
  readonly width: number;
  readonly height: number;
  readonly dpi: number;
  readonly audio: readonly string[];
  readonly video: readonly string[];
  readonly image: readonly string[];
  /** IANA name; empty when the client does not say. */
  readonly timezone: string;
}

/** A whole handshake of the person's side. */
export interface Opening {
  readonly wants: ClientWants;
  /** What the gateway gives for a connection, by the name of the parameter. Holds secrets. */
  readonly values: ReadonlyMap<string, string>;
}

export const WANTS_DEFAULT: ClientWants = {
  width: 1_024,
  height: 768,
  dpi: 96,
  audio: [],
  video: [],
  image: ["image/png", "image/jpeg"],
  timezone: "",
};

/** Larger is no screen; guacd would try to allocate it. */
export const SIDE_PIXELS_MAX = 8_192;
/** The decoders that recordings and replay need; guacd sends PNG where this list allows nothing. */
export const IMAGES = ["image/png", "image/jpeg"] as const;

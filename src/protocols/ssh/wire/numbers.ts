/** Message numbers of the connection protocol (RFC 4250 section 4.1.2). */
export const MESSAGE = {
  disconnect: 1,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;

/** Why a channel was not opened (RFC 4254 section 5.1). */
export const OPEN_FAILURE = {
  prohibited: 1,
  connectFailed: 2,
  unknownType: 3,
  resourceShortage: 4,
} as const;

/** Why a connection ends (RFC 4253 section 11.1). */
export const DISCONNECT = {
  protocolError: 2,
  byApplication: 11,
  noMoreAuthMethods: 14,
} as const;

/** SSH_EXTENDED_DATA_STDERR, the only extended stream there is (RFC 4254 section 5.2). */
export const STDERR = 1;

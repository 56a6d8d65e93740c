// The protocol's numbers, under the RFCs' names: RFC 8446 appendix B, RFC 6066 (server_name,
// max_fragment_length), RFC 8449 (record_size_limit).
// Alerts stand in alert.ts, cipher suites in suites.ts, groups in crypto/curve.ts, signature
// schemes in x509/signature.ts.

export namespace ContentType {
  export const CHANGE_CIPHER_SPEC: i32 = 20;
  export const ALERT: i32 = 21;
  export const HANDSHAKE: i32 = 22;
  export const APPLICATION_DATA: i32 = 23;
}

export namespace HandshakeType {
  export const CLIENT_HELLO: i32 = 1;
  export const SERVER_HELLO: i32 = 2;
  export const NEW_SESSION_TICKET: i32 = 4;
  export const ENCRYPTED_EXTENSIONS: i32 = 8;
  export const CERTIFICATE: i32 = 11;
  export const CERTIFICATE_REQUEST: i32 = 13;
  export const CERTIFICATE_VERIFY: i32 = 15;
  export const FINISHED: i32 = 20;
  export const KEY_UPDATE: i32 = 24;
  /**
   * Stands for the first ClientHello in the transcript after a HelloRetryRequest (RFC 8446, 4.4.1).
   */
  export const MESSAGE_HASH: i32 = 254;
}

export namespace Version {
  export const TLS_1_0: i32 = 0x0301;
  export const TLS_1_2: i32 = 0x0303;
  export const TLS_1_3: i32 = 0x0304;
}

export namespace ExtensionType {
  export const SERVER_NAME: i32 = 0;
  export const MAX_FRAGMENT_LENGTH: i32 = 1;
  export const SUPPORTED_GROUPS: i32 = 10;
  export const SIGNATURE_ALGORITHMS: i32 = 13;
  export const RECORD_SIZE_LIMIT: i32 = 28;
  export const SUPPORTED_VERSIONS: i32 = 43;
  export const COOKIE: i32 = 44;
  export const KEY_SHARE: i32 = 51;
}

/**
 * MicroPython's CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED. On a client the first two are the same.
 */
export namespace VerifyMode {
  export const NONE: i32 = 0;
  export const OPTIONAL: i32 = 1;
  export const REQUIRED: i32 = 2;
}

export const RANDOM_SIZE: i32 = 32;
export const MAX_SESSION_ID: i32 = 32;

/** The longest host name: RFC 1035 allows 253 characters, MicroPython 255. */
export const MAX_HOSTNAME: i32 = 255;

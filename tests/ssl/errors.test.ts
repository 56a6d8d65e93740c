// The errors that apps see, number and text, as api.md and MicroPython have them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engines, loadSsl } from "../harness/instance.ts";
import { describeError } from "../harness/memory-client.ts";

const local = (alert: number): number => -0x100 - alert;
const peer = (alert: number): number => -0x200 - alert;
const refused = (reason: number): number => -0x300 - reason;
const misuse = (reason: number): number => -0x400 - reason;
const mbedtls = (name: string): string => `MBEDTLS_ERR_SSL_${name}`;

/** Error, number, text, alert. A ValueError has number 0. */
const LONGER_RECORDS =
  `${mbedtls("BUFFER_TOO_SMALL")}: the peer sends records longer than ` +
  "receive_buffer, and has not agreed to shorter ones";

const TABLE: [error: number, number: number, text: string, alert: number][] = [
  [-5, 5, "EIO", -1],
  [-11, 11, "EAGAIN", -1],
  [-12, 12, "ENOMEM", -1],
  [-107, 107, "ENOTCONN", -1],
  [local(10), -30464, mbedtls("UNEXPECTED_MESSAGE"), 10],
  [local(20), -29056, mbedtls("INVALID_MAC"), 20],
  [local(22), -29184, mbedtls("INVALID_RECORD"), 22],
  [local(40), -28160, mbedtls("HANDSHAKE_FAILURE"), 40],
  [local(47), -26112, mbedtls("ILLEGAL_PARAMETER"), 47],
  [local(50), -29440, mbedtls("DECODE_ERROR"), 50],
  [local(51), -28160, mbedtls("HANDSHAKE_FAILURE"), 51],
  [local(70), -28288, mbedtls("BAD_PROTOCOL_VERSION"), 70],
  [local(80), -27648, mbedtls("INTERNAL_ERROR"), 80],
  [local(109), -26112, mbedtls("ILLEGAL_PARAMETER"), 109],
  [local(110), -29952, mbedtls("UNSUPPORTED_EXTENSION"), 110],
  [local(252), -27136, LONGER_RECORDS, 22],
  [local(253), -27136, mbedtls("BUFFER_TOO_SMALL"), 80],
  [local(254), -29312, mbedtls("CONN_EOF"), -1],
  [local(255), -29184, mbedtls("INVALID_RECORD"), 10],
  [peer(40), -30592, mbedtls("FATAL_ALERT_MESSAGE"), 40],
  [peer(70), -30592, mbedtls("FATAL_ALERT_MESSAGE"), 70],
  [peer(255), -30592, mbedtls("FATAL_ALERT_MESSAGE"), 255],
  [refused(1), 0, "invalid cert", 42],
  [refused(2), 0, "\nThe certificate is not correctly signed by the trusted CA\n", 48],
  [refused(3), 0, "\nThe certificate validity has expired\n", 45],
  [refused(4), 0, "\nThe certificate validity starts in the future\n", 45],
  [refused(5), 0, "\nThe certificate Common Name (CN) does not match with the expected CN\n", 42],
  [refused(6), 0, "\nThe certificate is signed with an unacceptable hash.\n", 43],
  [
    refused(7),
    0,
    "\nThe certificate is signed with an unacceptable key (eg bad curve, RSA too short).\n",
    43,
  ],
  [refused(8), 0, "\nUsage does not match the keyUsage extension.\n", 43],
  [refused(9), 0, "\nUsage does not match the extendedKeyUsage extension.\n", 43],
  [misuse(1), -28928, mbedtls("BAD_INPUT_DATA"), -1],
  [misuse(4), 0, "invalid cert", -1],
  [misuse(5), 0, "invalid key", -1],
  [misuse(6), -30336, mbedtls("CA_CHAIN_REQUIRED"), -1],
  [misuse(7), 0, "CERT_REQUIRED requires server_hostname", -1],
  [misuse(8), -28928, mbedtls("BAD_INPUT_DATA"), -1],
  [misuse(9), -24192, mbedtls("BAD_CONFIG"), -1],
  [misuse(11), 23, "ENFILE", -1],
  [misuse(12), -28928, mbedtls("BAD_INPUT_DATA"), -1],
  [misuse(14), 0, "receive_buffer is 1024 to 16384 bytes", -1],
];

for (const engine of engines) {
  describe(`errors (${engine})`, async () => {
    const m = await loadSsl(engine);

    for (const [error, number, text, alert] of TABLE) {
      it(`${error}: ${text.trim()}`, () => {
        assert.deepEqual(describeError(m, error), { number, text, alert });
      });
    }

    it("a clock that was never set is named, and its remedy", () => {
      const { number, text } = describeError(m, refused(12));
      assert.equal(number, 0);
      assert.match(text, /clock was never set.*ntptime\.settime\(\)/);
    });

    it("every error has a text, and none a trap", () => {
      for (let error = -1; error > -0x600; error--) {
        const { number, text } = describeError(m, error);
        if (number <= 0) assert.ok(text.length > 0, `${error}`);
      }
    });

    it("a text is given whole or not at all", () => {
      const at = m.alloc(256);
      for (const [error, text] of [
        [local(254), mbedtls("CONN_EOF")],
        [local(252), LONGER_RECORDS],
      ] as const) {
        const n = text.length;
        assert.equal(m.call("error_text", error, at, n), n);
        for (let cap = 0; cap < n; cap++) {
          assert.equal(m.call("error_text", error, at, cap), misuse(13));
        }
      }
    });
  });
}

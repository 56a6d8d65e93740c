// What a context offers and refuses before there is any connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pkiOf } from "../harness/identities.ts";
import { runApp } from "./app.ts";

const CHACHA20 = "TLS_CHACHA20_POLY1305_SHA256";
const AES_128 = "TLS_AES_128_GCM_SHA256";
const AES_256 = "TLS_AES_256_GCM_SHA384";
const BAD_CONFIG = "OSError(-24192, 'MBEDTLS_ERR_SSL_BAD_CONFIG')";
const INVALID_CERT = "ValueError('invalid cert')";
const INVALID_MODE = "ValueError('invalid verify_mode')";
const BAD_BUFFER = "ValueError('receive_buffer is 1024 to 16384 bytes')";
const NO_PROTOCOL = "ValueError('unsupported protocol: only PROTOCOL_TLS_CLIENT works')";

test("suites, authorities, verify modes, names", async () => {
  const { root } = pkiOf("p256");
  const { lines, status, reports } = await runApp("contexts", {
    files: { "ca.der": root.der, "ca.pem": root.pem, text: "hello" },
    options: ["--receive-buffer", "4096"],
  });
  assert.deepEqual(reports, []);
  const suites = lines.splice(1, 1)[0]!.split(" ");
  assert.deepEqual(suites.sort(), [AES_128, AES_256, CHACHA20]);
  assert.deepEqual(lines, [
    ...["0", "true", CHACHA20, "true", `${AES_256} ${AES_128}`],
    ...[BAD_CONFIG, BAD_CONFIG, `${AES_256} ${AES_128}`],
    ...["true", "true", "true", "OSError(2, 'ENOENT')"],
    ...[INVALID_CERT, INVALID_CERT, INVALID_CERT, "OSError(22, 'EINVAL')"],
    ...[INVALID_MODE, "0", INVALID_MODE, INVALID_MODE],
    ...["4096", "1024", BAD_BUFFER, BAD_BUFFER, BAD_BUFFER, NO_PROTOCOL, NO_PROTOCOL],
    ...["2", "true", "ValueError('CERT_REQUIRED requires server_hostname')"],
    ...["OSError(-28928, 'MBEDTLS_ERR_SSL_BAD_INPUT_DATA')", INVALID_CERT, "true"],
  ]);
  assert.equal(status, 0);
});

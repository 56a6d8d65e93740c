// Contexts and handles: what the flat exports take, what they refuse, and that nothing is lost.

import assert from "node:assert/strict";
import { before, beforeEach, afterEach, describe, it } from "node:test";
import { pkiOf } from "../harness/identities.ts";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import { describeError } from "../harness/memory-client.ts";
import { concat } from "../harness/tls13-wire.ts";

const CERT_REQUIRED = 2;
const BAD_HANDLE = -0x400 - 1;
const TOO_MANY = -0x400 - 11;
const BAD_RANGE = -0x400 - 13;
const EIO = 5;

/** The connection's exports that take more than a handle: how many arguments they have. */
const ARGUMENTS: Record<string, number> = {
  connection_receive: 2,
  connection_taken: 2,
  connection_consumed: 2,
  connection_written: 2,
  connection_text: 4,
  connection_number: 2,
};

for (const engine of engines) {
  describe(`contexts (${engine})`, () => {
    let m: Instance;
    let context: number;
    let used: number;
    before(async () => (m = await loadEntry("tls", engine)));
    beforeEach(() => {
      used = m.call("memory_used");
      context = m.call("context_new", 0);
      assert.ok(context > 0);
    });
    afterEach(() => {
      m.reset();
      m.call("context_free", context);
      assert.equal(m.call("memory_used"), used, "memory was not given back");
    });

    const give = (name: string, bytes: Uint8Array): number =>
      m.call(name, context, m.put(bytes), bytes.length);

    const connect = (name: string, serverSide = 0): number => {
      const bytes = Buffer.from(name, "latin1");
      return m.call("connection_new", context, serverSide, m.put(bytes), bytes.length);
    };

    const ciphers = (): string => {
      const out = m.alloc(256);
      return Buffer.from(m.read(out, m.call("context_ciphers", context, out, 256))).toString();
    };

    it("protocols that are not there yet, and unknown ones, are refused", () => {
      for (const protocol of [1, 2, 3, 4, -1]) {
        const error = m.call("context_new", protocol);
        const { number, text } = describeError(m, error);
        assert.equal(number, 0);
        assert.match(text, /PROTOCOL_TLS_CLIENT/);
      }
    });

    it("unknown verify modes are refused", () => {
      for (const mode of [0, 1, 2]) {
        assert.equal(m.call("context_set_verify_mode", context, mode), 0);
      }
      for (const mode of [-1, 3, 256]) {
        const error = m.call("context_set_verify_mode", context, mode);
        assert.equal(describeError(m, error).text, "invalid verify_mode");
      }
    });

    it("suites: named by IANA or mbedTLS, in any order, each once", () => {
      const all = "TLS_CHACHA20_POLY1305_SHA256\nTLS_AES_128_GCM_SHA256\nTLS_AES_256_GCM_SHA384";
      assert.equal(ciphers(), all);
      const set = (...names: string[]): number =>
        give("context_set_ciphers", Buffer.from(names.join("\n")));
      assert.equal(set("TLS_AES_256_GCM_SHA384", "TLS1-3-AES-128-GCM-SHA256"), 0);
      assert.equal(ciphers(), "TLS_AES_256_GCM_SHA384\nTLS_AES_128_GCM_SHA256");
      assert.equal(set("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"), 0);
      assert.equal(ciphers(), "TLS_AES_128_GCM_SHA256");
    });

    it("suites: unknown names, no names, and too little room change nothing", () => {
      const before = ciphers();
      const bad = ["", "TLS_AES_128_GCM_SHA25", "TLS_AES_128_GCM_SHA256\n", "NULL\nTLS_NULL"];
      for (const names of bad) {
        const error = give("context_set_ciphers", Buffer.from(names));
        assert.deepEqual(describeError(m, error), {
          number: -24192,
          text: "MBEDTLS_ERR_SSL_BAD_CONFIG",
          alert: -1,
        });
      }
      assert.equal(ciphers(), before);
      const out = m.alloc(20);
      assert.equal(m.call("context_ciphers", context, out, 20), BAD_RANGE);
    });

    it("certificates to trust: DER, PEM, several; a bad one changes nothing", () => {
      const { root, intermediate } = pkiOf("p256");
      const [a, b] = [root.der, intermediate!.der];
      const pem = (der: Uint8Array): string =>
        `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n` +
        "-----END CERTIFICATE-----\n";
      assert.equal(give("context_load_verify", a), 1);
      assert.equal(give("context_load_verify", concat(a, b)), 2);
      assert.equal(give("context_load_verify", Buffer.from(pem(a) + pem(b))), 2);
      m.reset();
      const before = m.call("memory_used");
      const bad = [
        new Uint8Array(0),
        a.subarray(1),
        a.subarray(0, -1),
        concat(b, a, b.subarray(1)),
      ];
      const broken = concat(a, a);
      broken[a.length + 5] ^= 1;
      for (const data of [...bad, broken, Buffer.from("no certificate")]) {
        const error = give("context_load_verify", data);
        m.reset();
        assert.equal(describeError(m, error).text, "invalid cert");
        assert.equal(m.call("memory_used"), before);
      }
    });

    it("CERT_REQUIRED needs a name and a CA", () => {
      m.call("context_set_verify_mode", context, CERT_REQUIRED);
      const unnamed = describeError(m, connect(""));
      assert.deepEqual(
        [unnamed.number, unnamed.text],
        [0, "CERT_REQUIRED requires server_hostname"],
      );
      const { number, text } = describeError(m, connect("example.com"));
      assert.deepEqual([number, text], [-30336, "MBEDTLS_ERR_SSL_CA_CHAIN_REQUIRED"]);
    });

    it("names above 255 bytes, and with control characters, are refused", () => {
      for (const name of ["a".repeat(256), "example.com\0.evil", "two names", "x\n", "\x7f"]) {
        assert.equal(describeError(m, connect(name)).text, "MBEDTLS_ERR_SSL_BAD_INPUT_DATA");
      }
      assert.equal(m.call("connection_free", connect("b\xc3\xbccher.example")), 0);
    });

    it("server_side must agree with the protocol", () => {
      assert.match(describeError(m, connect("example.com", 1)).text, /server_side/);
    });

    it("without entropy there is no connection", async () => {
      const fresh = await loadEntry("tls", engine);
      const own = fresh.call("context_new", 0);
      const name = fresh.put(Buffer.from("localhost"));
      const connectWith = (bytes: number): number => {
        fresh.random = new Uint8Array(bytes);
        return fresh.call("connection_new", own, 0, name, 9);
      };
      assert.equal(connectWith(47), -EIO);
      assert.ok(connectWith(48) > 0);
      assert.equal(connectWith(31), -EIO, "a later seed, which needs no nonce");
      assert.ok(connectWith(32) > 0);
      fresh.close();
    });

    it("handles: stale, of another kind and invented ones are refused", () => {
      const connection = connect("example.com");
      assert.equal(m.call("connection_free", connection), 0);
      const again = connect("example.com");
      assert.notEqual(again, connection);
      const others = [connection, context, 0, -1, 1, 0x7fffffff, again ^ 1, again + 64];
      for (const handle of others) {
        for (const name of m.functions) {
          if (!name.startsWith("connection_") || name === "connection_new") continue;
          const expected = name.endsWith("_at") ? 0 : BAD_HANDLE;
          const rest = new Array<number>((ARGUMENTS[name] ?? 1) - 1).fill(0);
          assert.equal(m.call(name, handle, ...rest), expected, `${name}(${handle})`);
        }
      }
      assert.equal(m.call("context_free", again), BAD_HANDLE);
      assert.equal(m.call("connection_free", again), 0);
    });

    it("ranges outside the memory are refused", () => {
      const connection = connect("example.com");
      const size = m.memorySize;
      for (const [at, n] of [
        [size, 1],
        [size - 1, 2],
        [-1, 2],
        [8, -1],
        [8, 0x7fffffff],
      ] as const) {
        assert.equal(m.call("context_load_verify", context, at, n), BAD_RANGE);
        assert.equal(m.call("context_set_ciphers", context, at, n), BAD_RANGE);
        assert.equal(m.call("connection_new", context, 0, at, n), BAD_RANGE);
        assert.equal(m.call("connection_text", connection, 0, at, n), BAD_RANGE);
        assert.equal(m.call("error_text", BAD_HANDLE, at, n), BAD_RANGE);
      }
      m.call("connection_free", connection);
    });

    it("a context outlives its handle while it has connections", () => {
      const other = m.call("context_new", 0);
      const connection = m.call("connection_new", other, 0, m.put(Buffer.from("a")), 1);
      assert.equal(m.call("context_free", other), 0);
      assert.equal(m.call("context_free", other), BAD_HANDLE);
      assert.ok(m.call("connection_wants", connection) > 0);
      m.call("connection_free", connection);
    });

    it("slots: 32 of a kind, then none, then again", () => {
      const contexts = Array.from({ length: 31 }, () => m.call("context_new", 0));
      assert.ok(contexts.every((handle) => handle > 0));
      const { number, text } = describeError(m, m.call("context_new", 0));
      assert.equal(m.call("context_new", 0), TOO_MANY);
      assert.deepEqual([number, text], [23, "ENFILE"]);
      for (const handle of contexts) m.call("context_free", handle);
    });
  });
}

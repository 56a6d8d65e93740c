// Our ClientHello, read by the harness's own decoder: what is in it, and what must not be.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, it } from "node:test";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import { MemoryClient } from "../harness/memory-client.ts";
import {
  Extension,
  Group,
  RETRY_RANDOM,
  Scheme,
  Suite,
  TLS13,
  ascii,
  decodeClientHello,
  findExtension,
  numbers,
  type ClientHello,
} from "../harness/tls13-wire.ts";

const MAX_TEXT = 16384;

for (const engine of engines) {
  describe(`ClientHello (${engine})`, () => {
    let m: Instance;
    before(async () => (m = await loadEntry("tls", engine)));

    const helloFor = (name: string, ciphers?: string[]): ClientHello => {
      const client = new MemoryClient(m, ciphers ? { name, ciphers } : { name });
      const sent = client.take();
      client.free();
      assert.deepEqual([...sent.subarray(0, 3)], [22, 3, 1]);
      assert.equal(sent[5], 1);
      return decodeClientHello(sent.subarray(9));
    };

    const encoded = (recordLimit: number, cookieLength: number): ClientHello | null => {
      const out = m.alloc(2048);
      const n = m.call("hello_encode", out, 2048, recordLimit, cookieLength);
      return n < 0 ? null : decodeClientHello(m.read(out, n).slice());
    };

    it("offers what we can do, in our order", () => {
      const hello = helloFor("example.com");
      assert.deepEqual(hello.suites, [
        Suite.TLS_CHACHA20_POLY1305_SHA256,
        Suite.TLS_AES_128_GCM_SHA256,
        Suite.TLS_AES_256_GCM_SHA384,
      ]);
      assert.equal(hello.sessionId.length, 32);
      const list = (type: number): number[] => numbers(findExtension(hello.extensions, type)!, 2);
      assert.deepEqual(list(Extension.supportedGroups).slice(1), [Group.x25519, Group.secp256r1]);
      const schemes = list(Extension.signatureAlgorithms).slice(1);
      assert.equal(schemes[0], Scheme.ecdsa_secp256r1_sha256);
      const sha1 = schemes.filter((scheme) => scheme >> 8 === 2);
      assert.deepEqual(sha1, [], "no SHA-1");
      const versions = findExtension(hello.extensions, Extension.supportedVersions)!;
      assert.deepEqual([...versions], [2, TLS13 >> 8, TLS13 & 255], "TLS 1.3 and no other");
      const share = findExtension(hello.extensions, Extension.keyShare)!;
      assert.deepEqual([...share.subarray(0, 6)], [0, 36, 0, Group.x25519, 0, 32]);
      assert.equal(share.length, 38);
    });

    it("is new each time", () => {
      const [a, b] = [helloFor("example.com"), helloFor("example.com")];
      assert.notDeepEqual(a.random, b.random);
      assert.notDeepEqual(a.sessionId, b.sessionId);
      const share = ({ extensions }: ClientHello): Uint8Array =>
        findExtension(extensions, Extension.keyShare)!;
      assert.notDeepEqual(share(a), share(b));
    });

    it("is new even where the device repeats its entropy", () => {
      const hellos = [1, 2].map(() => {
        m.random = new Uint8Array(48).fill(0x77);
        const hello = helloFor("example.com");
        m.random = null;
        return hello;
      });
      assert.notDeepEqual(hellos[0].random, hellos[1].random);
    });

    it("names the server, unless it is an address", () => {
      const sni = (name: string): string | undefined => {
        const data = findExtension(helloFor(name).extensions, Extension.serverName);
        return data && Buffer.from(data.subarray(5)).toString();
      };
      assert.equal(sni("example.com"), "example.com");
      assert.equal(sni("EXAMPLE.com."), "EXAMPLE.com");
      assert.equal(sni("1.2.3.example"), "1.2.3.example");
      assert.equal(sni("a".repeat(255)), "a".repeat(255));
      for (const address of ["192.0.2.1", "2001:db8::1", "::1", "::ffff:192.0.2.1"]) {
        assert.equal(sni(address), undefined, address);
      }
      assert.equal(sni(""), undefined);
    });

    it("offers only the suites of set_ciphers", () => {
      const hello = helloFor("example.com", ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"]);
      const expected = [Suite.TLS_AES_256_GCM_SHA384, Suite.TLS_AES_128_GCM_SHA256];
      assert.deepEqual(hello.suites, expected);
    });

    it("asks for shorter records, in both ways, where ours are below the protocol's", () => {
      const asked = (limit: number): unknown[] =>
        [Extension.recordSizeLimit, Extension.maxFragmentLength].map((type) =>
          findExtension(encoded(limit, 0)!.extensions, type)?.join(" "),
        );
      assert.deepEqual(asked(MAX_TEXT), [undefined, undefined]);
      assert.deepEqual(asked(MAX_TEXT - 1), ["64 0", "4"], "the type byte counts in the first");
      assert.deepEqual(asked(4096), ["16 1", "4"]);
      assert.deepEqual(asked(4095), ["16 0", "3"], "2^11: not longer than ours");
      assert.deepEqual(asked(2047), ["8 0", "2"]);
      assert.deepEqual(asked(1024), ["4 1", "2"]);
    });

    it("has the cookie that it was given", () => {
      assert.equal(findExtension(encoded(MAX_TEXT, 0)!.extensions, Extension.cookie), undefined);
      const cookie = findExtension(encoded(MAX_TEXT, 600)!.extensions, Extension.cookie)!;
      assert.equal(cookie.length, 602);
    });
  });
}

describe("HelloRetryRequest's random", () => {
  it("is the SHA-256 of its name (RFC 8446, 4.1.3)", () => {
    const digest = createHash("sha256").update(ascii("HelloRetryRequest")).digest();
    assert.deepEqual(RETRY_RANDOM, Uint8Array.from(digest));
  });
});

// Name constraints: hosts, wildcards, addresses, mailboxes, directory names, and kinds that we do
// not compare. x509-limbo and PKITS have more.

import assert from "node:assert/strict";
import test from "node:test";
import { engines } from "../harness/instance.ts";
import * as build from "./build.ts";
import { commonName, extension, generalName, seq, value } from "./build.ts";
import { CA, ask, ca, caKey, leaf, leafKey, make, root, rootKey } from "./chains.ts";
import { X509 } from "./support.ts";

for (const engine of engines) {
  test(`name constraints (${engine})`, async () => {
    const x = await X509.load(engine);
    checkConstraints(x);
    assert.equal(x.m.call("scratchUsed"), 0);
  });
}

function checkConstraints(x: X509): void {
  const { dns, ip, email, uri, directory } = generalName;
  const constrained = (permitted: Uint8Array[], excluded: Uint8Array[]): Uint8Array =>
    ca({
      extensions: [
        ...build.caExtensions(),
        extension("nameConstraints", value.nameConstraints(permitted, excluded), true),
      ],
    });
  const check = (
    authority: Uint8Array,
    names: Uint8Array[],
    expected: boolean,
    what: string,
  ): void => {
    const extensions =
      names.length > 0 ? [extension("subjectAltName", value.subjectAltName(...names))] : [];
    const verdict = x.verify(ask([leaf({ extensions }), authority]));
    assert.equal(verdict, expected ? "ok" : "NAME_CONSTRAINTS", what);
    x.reset();
  };
  const example = constrained([dns("example.com")], []);
  check(example, [dns("example.com"), dns("a.EXAMPLE.com")], true, "inside");
  check(example, [dns("a.example.com"), dns("example.org")], false, "one outside");
  check(example, [dns("badexample.com")], false, "only a suffix");
  check(example, [ip(1, 2, 3, 4)], true, "another kind");
  check(example, [dns("*.example.com")], true, "a wildcard inside");
  check(example, [dns("a\0.example.com")], false, "no host name at all");
  check(example, [], false, "no names: the common name is a host outside");
  const host = constrained([dns("a.example.com")], []);
  check(host, [dns("*.example.com")], false, "a wildcard that is more than the permitted host");
  const excluded = constrained([], [dns("bad.example.com")]);
  check(excluded, [dns("example.com")], true, "above the excluded");
  check(excluded, [dns("x.bad.example.com")], false, "below it");
  check(excluded, [dns("*.example.com")], false, "a wildcard that might be it");
  check(excluded, [dns("*.com")], false, "a wildcard that we cannot read");
  check(constrained([], [dns("")]), [dns("a.b")], false, "every host excluded");
  const net = constrained([ip(10, 0, 0, 0, 255, 0, 0, 0)], [ip(10, 1, 0, 0, 255, 255, 0, 0)]);
  check(net, [ip(10, 2, 3, 4)], true, "in the network");
  check(net, [ip(11, 2, 3, 4)], false, "outside");
  check(net, [ip(10, 1, 3, 4)], false, "in the excluded part");
  check(net, [ip(...new Array<number>(16).fill(0))], false, "the other family");
  const mail = constrained(
    [email("example.com"), email(".example.org"), email("a@example.net")],
    [],
  );
  check(mail, [email("x@example.com")], true, "a mailbox of the host");
  check(mail, [email("x@a.example.com")], false, "of a host below");
  check(mail, [email("x@a.example.org")], true, "of a host below the domain");
  check(mail, [email("x@example.org")], false, "of the domain itself");
  check(mail, [email("a@EXAMPLE.net")], true, "the very mailbox");
  check(mail, [email("A@example.net")], false, "a mailbox of another case");
  check(mail, [email("a@b@example.com")], false, "two @");
  check(constrained([uri("example.com")], []), [uri("https://example.com")], false, "URIs");
  check(constrained([uri("example.com")], []), [dns("a.b")], true, "no URI");
  const organisation = seq(build.set(seq(build.oid("2.5.4.10"), build.utf8("o"))));
  const directoryCa = constrained([directory(organisation)], []);
  check(directoryCa, [], false, "the subject outside");
  const inside = seq(organisation.subarray(2), commonName("a").subarray(2));
  const der = leaf({ subject: inside });
  assert.equal(x.verify(ask([der, directoryCa])), "ok", "the subject inside");
  checkSelfIssued(x);
  const misplaced = leaf({
    extensions: [extension("nameConstraints", value.nameConstraints([dns("a.example")], []))],
  });
  assert.equal(x.verify(ask([misplaced, CA])), "NAME_CONSTRAINTS", "constraints in a leaf");
  x.reset();
}

/** A root that renews its key: its own name outside its constraints, in the new certificate. */
function checkSelfIssued(x: X509): void {
  const elsewhere = value.nameConstraints([], [generalName.directory(build.commonName("root"))]);
  const constrained = extension("nameConstraints", elsewhere, true);
  const extensions = [...build.caExtensions(0), constrained];
  const renewed = make("root", caKey, "root", rootKey, { extensions: build.caExtensions() });
  const below = make("leaf", leafKey, "root", caKey);
  const anchors = [root({ extensions })];
  assert.equal(x.verify(ask([below, renewed], anchors)), "ok", "constraints and path length");
  const other = make("ca", caKey, "root", rootKey, { extensions: build.caExtensions() });
  assert.equal(x.verify(ask([leaf(), other], anchors)), "CHAIN_TOO_LONG", "not self-issued");
  const leafOfRootsName = make("root", leafKey, "root", rootKey);
  assert.equal(x.verify(ask([leafOfRootsName], anchors)), "NAME_CONSTRAINTS", "the leaf counts");
}

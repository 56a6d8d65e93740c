// Throw-away certificate authorities for the demo and the tests, made by the `openssl` command in a
// temporary folder.
//
//   const pki = makePki({ kind: "p256" });  // root, intermediate, leaf for localhost, valid now
//   pki.leaf.keyFile, pki.chainFile         // what `openssl s_server -key -cert_chain` wants
//   pki.root.certFile, .derFile, .der       // the trust anchor: PEM file, DER file, DER bytes
//   pki.remove();
//
// Kinds of key: "rsa" (2048 bits, PKCS#1 v1.5 signatures), "rsa-pss" (an id-RSASSA-PSS key, 2048
// bits), "p256", "p384", "p521". Everything else is an option of one certificate (CertificateSpec):
// makePki({ kind, leaf: { notAfter, sans ... } }). For a shape of its own a test calls makeRoot and
// issue itself; both are synchronous. Certificates are issued by `openssl ca`, the only command of
// OpenSSL 3.0 that takes both dates.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type KeyKind = "rsa" | "rsa-pss" | "p256" | "p384" | "p521";

/** What one certificate is to say; each field has a default that makes an ordinary certificate. */
export interface CertificateSpec {
  kind?: KeyKind;
  /** Only for the RSA kinds: 2048. */
  rsaBits?: number;
  /** In OpenSSL's spelling: "/CN=leaf/O=wassl". */
  subject?: string;
  /** OpenSSL's spelling: ["DNS:localhost", "IP:127.0.0.1"]. Empty: no subjectAltName. */
  sans?: string[];
  notBefore?: Date;
  notAfter?: Date;
  /** Of the signature on this certificate: "sha256". */
  digest?: "md5" | "sha1" | "sha256" | "sha384" | "sha512";
  /** The issuer signs with RSASSA-PSS although its key is a plain "rsa" one. */
  pssSignature?: boolean;
  /**
   * The extensions as lines of OpenSSL's configuration, in place of the usual ones; sans is added
   * to them.
   */
  extensions?: string[];
}

export interface Issued {
  /** Private key, PKCS#8 PEM. */
  keyFile: string;
  certFile: string;
  derFile: string;
  pem: string;
  der: Uint8Array;
  dir: string;
  kind: KeyKind;
}

export interface PkiOptions {
  /** Of every key, unless the certificate's own spec says otherwise. */
  kind?: KeyKind;
  root?: CertificateSpec;
  /** false: the root signs the leaf. */
  intermediate?: CertificateSpec | false;
  leaf?: CertificateSpec;
}

export interface Pki {
  dir: string;
  root: Issued;
  intermediate: Issued | null;
  leaf: Issued;
  /** PEM: the leaf, then the intermediate where there is one. */
  chainFile: string;
  /** Deletes the folder with everything in it. */
  remove(): void;
}

const DAY_MS = 24 * 3600 * 1000;
const CA_EXTENSIONS = [
  "basicConstraints=critical,CA:TRUE",
  "keyUsage=critical,keyCertSign,cRLSign",
  "subjectKeyIdentifier=hash",
];
const LEAF_EXTENSIONS = [
  "basicConstraints=critical,CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "extendedKeyUsage=serverAuth",
  "subjectKeyIdentifier=hash",
  "authorityKeyIdentifier=keyid",
];

/** A root, an intermediate (unless refused) and a leaf for localhost, 127.0.0.1 and ::1. */
export function makePki(options: PkiOptions = {}): Pki {
  const dir = mkdtempSync(join(tmpdir(), "wassl-pki-"));
  const kind = options.kind ?? "p256";
  const root = makeRoot(dir, "root", { kind, ...options.root });
  const intermediate =
    options.intermediate === false
      ? null
      : issue(root, "intermediate", {
          kind,
          subject: "/O=wassl test/CN=intermediate",
          extensions: CA_EXTENSIONS,
          ...options.intermediate,
        });
  const leaf = issue(intermediate ?? root, "leaf", {
    kind,
    sans: ["DNS:localhost", "IP:127.0.0.1", "IP:::1"],
    ...options.leaf,
  });
  const chainFile = join(dir, "chain.pem");
  writeFileSync(chainFile, leaf.pem + (intermediate?.pem ?? ""));
  return { dir, root, intermediate, leaf, chainFile, remove: () => removeFolder(dir) };
}

/**
 * The same authorities with another leaf, whose files begin with `name`; they go with pki.remove().
 */
export function withLeaf(pki: Pki, name: string, spec: CertificateSpec): Pki {
  const leaf = issue(pki.intermediate ?? pki.root, name, spec);
  const chainFile = join(pki.dir, `${name}.chain.pem`);
  writeFileSync(chainFile, leaf.pem + (pki.intermediate?.pem ?? ""));
  return { ...pki, leaf, chainFile };
}

/** A self-signed authority in the folder `dir`; its files begin with `name`. */
export function makeRoot(dir: string, name: string, spec: CertificateSpec = {}): Issued {
  return sign(dir, name, null, {
    subject: "/O=wassl test/CN=root",
    extensions: CA_EXTENSIONS,
    ...spec,
  });
}

/**
 * A certificate signed by `issuer`, in its folder; a leaf unless spec.extensions says otherwise.
 */
export function issue(issuer: Issued, name: string, spec: CertificateSpec = {}): Issued {
  return sign(issuer.dir, name, issuer, spec);
}

/** An empty folder for makeRoot, and the way to delete it. */
export function makeFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "wassl-pki-"));
  return { dir, remove: () => removeFolder(dir) };
}

/** Extensions of an ordinary authority, to be added to. */
export function caExtensions(): string[] {
  return [...CA_EXTENSIONS];
}

/** Runs openssl; throws with its own words where it fails. */
export function openssl(...args: string[]): Buffer {
  return execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });
}

function sign(dir: string, name: string, issuer: Issued | null, spec: CertificateSpec): Issued {
  const kind = spec.kind ?? issuer?.kind ?? "p256";
  const file = (ending: string): string => join(dir, `${name}.${ending}`);
  const [keyFile, certFile, derFile] = [file("key.pem"), file("cert.pem"), file("cert.der")];
  makeKey(keyFile, kind, spec.rsaBits ?? 2048);
  writeFileSync(file("cnf"), configuration(dir, name, spec));
  writeFileSync(file("index"), "");
  const subject = spec.subject ?? "/O=wassl test/CN=leaf";
  const common = ["-config", file("cnf"), "-utf8"];
  openssl("req", "-new", ...common, "-key", keyFile, "-subj", subject, "-out", file("csr"));
  const signer = issuer
    ? ["-cert", issuer.certFile, "-keyfile", issuer.keyFile]
    : ["-selfsign", "-keyfile", keyFile];
  const dates = [
    "-startdate",
    opensslDate(spec.notBefore ?? new Date(Date.now() - DAY_MS)),
    "-enddate",
    opensslDate(spec.notAfter ?? new Date(Date.now() + 30 * DAY_MS)),
  ];
  const padding = signaturePadding(issuer?.kind ?? kind, spec);
  const output = ["-preserveDN", "-in", file("csr"), "-out", certFile, "-notext", "-batch"];
  openssl(
    "ca",
    ...common,
    ...signer,
    ...dates,
    "-md",
    spec.digest ?? "sha256",
    ...padding,
    ...output,
  );
  openssl("x509", "-in", certFile, "-outform", "DER", "-out", derFile);
  const pem = readFileSync(certFile, "latin1");
  return { keyFile, certFile, derFile, pem, der: new Uint8Array(readFileSync(derFile)), dir, kind };
}

function makeKey(keyFile: string, kind: KeyKind, rsaBits: number): void {
  const bits = ["-pkeyopt", `rsa_keygen_bits:${rsaBits}`];
  const algorithm = {
    rsa: ["-algorithm", "RSA", ...bits],
    "rsa-pss": ["-algorithm", "RSA-PSS", ...bits],
    p256: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    p384: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    p521: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
  }[kind];
  openssl("genpkey", ...algorithm, "-out", keyFile);
}

function signaturePadding(signerKind: KeyKind, spec: CertificateSpec): string[] {
  const saltIsHash = ["-sigopt", "rsa_pss_saltlen:digest"];
  if (signerKind === "rsa-pss") return saltIsHash;
  return spec.pssSignature ? ["-sigopt", "rsa_padding_mode:pss", ...saltIsHash] : [];
}

/**
 * `openssl ca` wants its database named in a file; nothing of the machine's own configuration is
 * read.
 */
function configuration(dir: string, name: string, spec: CertificateSpec): string {
  const extensions = [...(spec.extensions ?? LEAF_EXTENSIONS)];
  if (spec.sans?.length) extensions.push(`subjectAltName=${spec.sans.join(",")}`);
  const tail =
    extensions.length > 0 ? ["x509_extensions=extensions", "[extensions]", ...extensions] : [];
  return [
    "[req]\ndistinguished_name=empty\n[empty]",
    "[policy]\ncommonName=optional\norganizationName=optional\norganizationalUnitName=optional",
    "countryName=optional\nstateOrProvinceName=optional\nlocalityName=optional",
    "[ca]\ndefault_ca=authority",
    "[authority]",
    `new_certs_dir=${dir}\ndatabase=${join(dir, `${name}.index`)}`,
    "policy=policy\nunique_subject=no\nrand_serial=yes\nemail_in_dn=no\nstring_mask=utf8only",
    ...tail,
    "",
  ].join("\n");
}

/** YYYYMMDDHHMMSSZ. */
function opensslDate(date: Date): string {
  return date.toISOString().replace(/[-:T]|\.\d+/g, "");
}

function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}

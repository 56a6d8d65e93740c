// Curve arithmetic on BigInt, straight from the definitions: the second opinion of the tests.

export interface NistCurve {
  id: number;
  name: string;
  /** Node's name. */
  nodeName: string;
  size: number;
  p: bigint;
  b: bigint;
  n: bigint;
  G: Affine;
}

/** null is the point at infinity. */
export type Affine = { x: bigint; y: bigint } | null;

/** SP 800-186, 3.2.1.3. */
export const P256: NistCurve = {
  id: 23,
  name: "P-256",
  nodeName: "prime256v1",
  size: 32,
  p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8_aa3a93e7_b3ebbd55_769886bc_651d06b0_cc53b0f6_3bce3c3e_27d2604bn,
  n: 0xffffffff_00000000_ffffffff_ffffffff_bce6faad_a7179e84_f3b9cac2_fc632551n,
  G: {
    x: 0x6b17d1f2_e12c4247_f8bce6e5_63a440f2_77037d81_2deb33a0_f4a13945_d898c296n,
    y: 0x4fe342e2_fe1a7f9b_8ee7eb4a_7c0f9e16_2bce3357_6b315ece_cbb64068_37bf51f5n,
  },
};

/** SP 800-186, 3.2.1.4. */
export const P384: NistCurve = {
  id: 24,
  name: "P-384",
  nodeName: "secp384r1",
  size: 48,
  p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: BigInt(
    "0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a" +
      "c656398d8a2ed19d2a85c8edd3ec2aef",
  ),
  n: BigInt(
    "0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf" +
      "581a0db248b0a77aecec196accc52973",
  ),
  G: {
    x: BigInt(
      "0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38" +
        "5502f25dbf55296c3a545e3872760ab7",
    ),
    y: BigInt(
      "0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0" +
        "0a60b1ce1d7e819d7a431d7c90ea0e5f",
    ),
  },
};

/** SP 800-186, 3.2.1.5. */
export const P521: NistCurve = {
  id: 25,
  name: "P-521",
  nodeName: "secp521r1",
  size: 66,
  p: 2n ** 521n - 1n,
  b: BigInt(
    "0x051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef10" +
      "9e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00",
  ),
  n: BigInt(
    "0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" +
      "ffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409",
  ),
  G: {
    x: BigInt(
      "0x0c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3" +
        "dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66",
    ),
    y: BigInt(
      "0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e6" +
        "62c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
    ),
  },
};

export function mod(a: bigint, n: bigint): bigint {
  const r = a % n;
  return r < 0n ? r + n : r;
}

/** a^e mod n. */
export function power(a: bigint, e: bigint, n: bigint): bigint {
  let result = 1n;
  for (let base = mod(a, n); e > 0n; e >>= 1n, base = mod(base * base, n)) {
    if (e & 1n) result = mod(result * base, n);
  }
  return result;
}

/** 1 / a mod a prime. */
export function invert(a: bigint, prime: bigint): bigint {
  return power(a, prime - 2n, prime);
}

export function addAffine({ p }: NistCurve, a: Affine, b: Affine): Affine {
  if (a === null) return b;
  if (b === null) return a;
  if (a.x === b.x && mod(a.y + b.y, p) === 0n) return null;
  const slope =
    a.x === b.x
      ? (3n * a.x * a.x - 3n) * invert(2n * a.y, p)
      : (b.y - a.y) * invert(mod(b.x - a.x, p), p);
  const x = mod(slope * slope - a.x - b.x, p);
  return { x, y: mod(slope * (a.x - x) - a.y, p) };
}

export function multiplyAffine(curve: NistCurve, k: bigint, point: Affine): Affine {
  let result: Affine = null;
  for (let base = point; k > 0n; k >>= 1n, base = addAffine(curve, base, base)) {
    if (k & 1n) result = addAffine(curve, result, base);
  }
  return result;
}

/**
 * A point with this y, or null where x^3 - 3 x + b = y^2 has no single root: then that is the
 * greatest common divisor of the cubic and X^p - X, whose roots are all numbers below p.
 */
export function liftY({ p, b }: NistCurve, y: bigint): Affine {
  const c = mod(b - y * y, p);
  // Of degree 2, the lowest coefficient first: X^3 = 3 X - c, X^4 = 3 X^2 - c X.
  type Poly = [bigint, bigint, bigint];
  const times = (f: Poly, g: Poly): Poly => {
    const at = (n: number): bigint =>
      f.reduce((sum, a, i) => sum + a * (n - i in g ? g[n - i]! : 0n), 0n);
    const [x3, x4] = [at(3), at(4)];
    const low = at(0) - c * x3;
    return [mod(low, p), mod(at(1) + 3n * x3 - c * x4, p), mod(at(2) + 3n * x4, p)];
  };
  let power: Poly = [1n, 0n, 0n];
  for (const bit of p.toString(2)) {
    power = times(power, power);
    if (bit === "1") power = times(power, [0n, 1n, 0n]);
  }
  const [r0, r1, r2] = [power[0], mod(power[1] - 1n, p), power[2]];
  if (r2 === 0n) return null;
  // The cubic modulo the quadratic, made monic: what is left is linear, and has the root if any.
  const [k0, k1] = [mod(r0 * invert(r2, p), p), mod(r1 * invert(r2, p), p)];
  const [l0, l1] = [mod(c + k0 * k1, p), mod(k1 * k1 - k0 - 3n, p)];
  if (l1 === 0n) return null;
  const x = mod(-l0 * invert(l1, p), p);
  return mod(x ** 3n - 3n * x + c, p) === 0n ? { x, y } : null;
}

export function fromBig(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}

/** n big-endian bytes. */
export function toBig(a: bigint, n: number): Buffer {
  return Buffer.from(a.toString(16).padStart(2 * n, "0"), "hex");
}

/** 04, x, y; infinity as zeros, which is no point. */
export function encodePoint(curve: NistCurve, point: Affine): Buffer {
  const { x, y } = point ?? { x: 0n, y: 0n };
  return Buffer.concat([Buffer.of(4), toBig(x, curve.size), toBig(y, curve.size)]);
}

/**
 * The point in a SubjectPublicKeyInfo of the only form that TLS uses: named curve, uncompressed.
 */
export function pointOfSpki(curve: NistCurve, der: string): Buffer | null {
  const header =
    curve === P256
      ? "3059301306072a8648ce3d020106082a8648ce3d030107034200"
      : "3076301006072a8648ce3d020106052b81040022036200";
  const size = header.length + 2 * (1 + 2 * curve.size);
  return der.startsWith(`${header}04`) && der.length === size
    ? Buffer.from(der.slice(header.length), "hex")
    : null;
}

// The curve of Ed25519 on BigInt, straight from RFC 8032's definitions: the second opinion of the
// tests of edwards*.ts and ed25519.ts.

import { fromBig, invert, mod, power, toBig } from "./numbers.ts";

/** RFC 8032, 5.1. */
export const P = 2n ** 255n - 19n;
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
export const D = mod(-121665n * invert(121666n, P), P);

export interface Point {
  x: bigint;
  y: bigint;
}

export const IDENTITY: Point = { x: 0n, y: 1n };
export const B: Point = {
  x: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  y: 46316835694926478169428394003475163141307993866256225615783033603165251855960n,
};

export function isOnCurve({ x, y }: Point): boolean {
  return mod(y * y - x * x - 1n - D * x * x * y * y, P) === 0n;
}

type Projective = [x: bigint, y: bigint, z: bigint];

/** The sum's definition (RFC 8032, 5.1.4), its fractions with a common denominator. */
function addProjective([x1, y1, z1]: Projective, [x2, y2, z2]: Projective): Projective {
  const z = mod(z1 * z2, P);
  const t = mod(D * x1 * x2 * y1 * y2, P);
  const [above, below] = [mod(z * z - t, P), mod(z * z + t, P)];
  const x = mod(z * above * (x1 * y2 + y1 * x2), P);
  return [x, mod(z * below * (y1 * y2 + x1 * x2), P), mod(above * below, P)];
}

function affine([x, y, z]: Projective): Point {
  const inverse = invert(z, P);
  return { x: mod(x * inverse, P), y: mod(y * inverse, P) };
}

export function addPoints(p: Point, q: Point): Point {
  return affine(addProjective([p.x, p.y, 1n], [q.x, q.y, 1n]));
}

export function negate({ x, y }: Point): Point {
  return { x: mod(-x, P), y };
}

export function multiply(k: bigint, p: Point = B): Point {
  let sum: Projective = [0n, 1n, 1n];
  for (const bit of k.toString(2)) {
    sum = addProjective(sum, sum);
    if (bit === "1") sum = addProjective(sum, [p.x, p.y, 1n]);
  }
  return affine(sum);
}

export function toLittle(k: bigint): Buffer {
  return toBig(k, 32).reverse();
}

export function fromLittle(bytes: Uint8Array): bigint {
  return fromBig(Uint8Array.from(bytes).reverse());
}

/** RFC 8032, 5.1.2. */
export function encode({ x, y }: Point): Buffer {
  return toLittle(y | ((x & 1n) << 255n));
}

/** RFC 8032, 5.1.3; null where the bytes are no point's. */
export function decode(bytes: Uint8Array): Point | null {
  const sign = BigInt(bytes[31]! >> 7);
  const y = fromLittle(bytes) & (2n ** 255n - 1n);
  if (y >= P) return null;
  const xx = mod((y * y - 1n) * invert(D * y * y + 1n, P), P);
  let x = power(xx, (P + 3n) / 8n, P);
  if (mod(x * x - xx, P) !== 0n) x = mod(x * power(2n, (P - 1n) / 4n, P), P);
  if (mod(x * x - xx, P) !== 0n || (x === 0n && sign === 1n)) return null;
  return { x: (x & 1n) === sign ? x : P - x, y };
}

/** A point of order 8: L Q for whatever Q has one. */
export const ORDER_8 = (() => {
  for (let y = 2n; ; y++) {
    const q = decode(toLittle(y));
    const p = q === null ? IDENTITY : multiply(L, q);
    if (multiply(4n, p).y !== 1n) return p;
  }
})();

/** All eight points whose order divides 8. */
export const SMALL: Point[] = Array.from({ length: 8 }, (_, i) => multiply(BigInt(i), ORDER_8));

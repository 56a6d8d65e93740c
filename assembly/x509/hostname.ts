// Host names and IP addresses as text, and the patterns of dNSName (RFC 6125, 6.4; RFC 9525; RFC
// 5280, 4.2.1.6).
//
// A host name is letters, digits, hyphens and underscores in labels of 1 to 63, at most 253 in all,
// no trailing dot, and its last label is not a number, so that nothing that resolvers read as an
// address counts as a name. Names travel as (address, length) and every byte is looked at: a NUL is
// a wrong byte, not an end. International names are compared as the A-labels (xn--...) that they
// are on the wire.

import { store16be } from "../base/bytes";
import { lowerCase } from "./dn";

const DOT: u32 = 0x2e;
const STAR: u32 = 0x2a;
const COLON: u32 = 0x3a;
const LARGEST_NAME: i32 = 253;
const LARGEST_LABEL: i32 = 63;

/** Whether the n bytes at p are a host name. */
export function isHostname(p: usize, n: i32): bool {
  if (n < 1 || n > LARGEST_NAME) return false;
  let label = 0;
  let digitsOnly = true;
  for (let i = 0; i < n; i++) {
    const c: u32 = load<u8>(p + i);
    if (c == DOT) {
      if (label == 0) return false;
      label = 0;
      digitsOnly = true;
      continue;
    }
    if (!isLabelByte(c) || ++label > LARGEST_LABEL) return false;
    digitsOnly = digitsOnly && isDigit(c);
  }
  return label > 0 && !digitsOnly;
}

/**
 * Whether the n bytes at p are what a dNSName may say: a host name, or `*.` before one of at least
 * two labels.
 */
export function isPattern(p: usize, n: i32): bool {
  if (!isWildcard(p, n)) return isHostname(p, n);
  return isHostname(p + 2, n - 2) && labelSize(p + 2, n - 2) < n - 2;
}

/** Whether a pattern begins with the label `*`. */
export function isWildcard(p: usize, n: i32): bool {
  return n > 2 && load<u8>(p) == STAR && load<u8>(p, 1) == DOT;
}

/**
 * Whether a host name is the pattern's. `*` stands for exactly one label, whole and left-most;
 * `f*.example.com` and `*.com` match nothing.
 */
export function matchesPattern(pattern: usize, patternSize: i32, name: usize, n: i32): bool {
  if (!isPattern(pattern, patternSize)) return false;
  if (!isWildcard(pattern, patternSize)) {
    return patternSize == n && equalIgnoreCase(pattern, name, n);
  }
  const first = labelSize(name, n);
  return n - first == patternSize - 1 && equalIgnoreCase(pattern + 1, name + first, n - first);
}

/** Whether a host name is `domain` or lies below it; everything lies below the empty domain. */
export function isWithinDomain(name: usize, n: i32, domain: usize, domainSize: i32): bool {
  if (domainSize == 0) return true;
  const rest = n - domainSize;
  if (rest < 0 || !equalIgnoreCase(name + rest, domain, domainSize)) return false;
  return rest == 0 || load<u8>(name + rest - 1) == DOT;
}

/** The size of the first label. */
export function labelSize(p: usize, n: i32): i32 {
  let i = 0;
  while (i < n && load<u8>(p + i) != DOT) i++;
  return i;
}

/** Equality of n bytes but for the case of ASCII letters. */
export function equalIgnoreCase(a: usize, b: usize, n: i32): bool {
  for (let i = 0; i < n; i++) {
    if (lowerCase(load<u8>(a + i)) != lowerCase(load<u8>(b + i))) return false;
  }
  return true;
}

/**
 * Reads an IP address written as text into 16 bytes at `out`: gives 4 or 16, its size, or 0 where
 * it is not one.
 */
export function parseAddress(p: usize, n: i32, out: usize): i32 {
  if (parseIpv4(p, n, out)) return 4;
  return parseIpv6(p, n, out) ? 16 : 0;
}

/**
 * Four decimal numbers without leading zeros (RFC 3986, 3.2.2); no octal, no hexadecimal, no short
 * forms.
 */
function parseIpv4(p: usize, n: i32, out: usize): bool {
  let at = 0;
  for (let i = 0; i < 4; i++) {
    if (i > 0 && (at >= n || load<u8>(p + at++) != DOT)) return false;
    const start = at;
    let v: u32 = 0;
    while (at < n && at - start < 3 && isDigit(load<u8>(p + at))) {
      v = v * 10 + load<u8>(p + at++) - 0x30;
    }
    const digits = at - start;
    if (digits == 0 || v > 255 || (digits > 1 && load<u8>(p + start) == 0x30)) return false;
    store<u8>(out + i, v);
  }
  return at == n;
}

/**
 * RFC 4291, 2.2: eight groups, one run of zero groups as `::`, the last 32 bits perhaps as IPv4; no
 * zone.
 */
function parseIpv6(p: usize, n: i32, out: usize): bool {
  let at = 0;
  let filled = 0;
  let gap = -1;
  if (n >= 2 && load<u8>(p) == COLON && load<u8>(p, 1) == COLON) {
    gap = 0;
    at = 2;
  }
  while (at < n) {
    if (filled > 14) return false;
    const size = groupSize(p + at, n - at);
    if (filled <= 12 && at + size < n && load<u8>(p + at + size) == DOT) {
      if (!parseIpv4(p + at, n - at, out + filled)) return false;
      return spreadGap(out, filled + 4, gap);
    }
    if (size == 0) return false;
    store16be(out + filled, hexadecimal(p + at, size));
    filled += 2;
    at += size;
    if (at == n) break;
    if (load<u8>(p + at++) != COLON || at == n) return false;
    if (load<u8>(p + at) == COLON) {
      if (gap >= 0) return false;
      gap = filled;
      at++;
    }
  }
  return spreadGap(out, filled, gap);
}

/**
 * Moves the groups behind `::` to the end and fills the gap, which stands for at least one group,
 * with zeros.
 */
function spreadGap(out: usize, filled: i32, gap: i32): bool {
  if (gap < 0) return filled == 16;
  if (filled > 14) return false;
  const tail = filled - gap;
  memory.copy(out + 16 - tail, out + gap, tail);
  memory.fill(out + gap, 0, 16 - filled);
  return true;
}

/** How many hexadecimal digits stand at p: up to 4. */
function groupSize(p: usize, n: i32): i32 {
  let i = 0;
  while (i < n && i < 4 && isHexadecimal(load<u8>(p + i))) i++;
  return i;
}

function hexadecimal(p: usize, digits: i32): u32 {
  let v: u32 = 0;
  for (let i = 0; i < digits; i++) {
    const c = lowerCase(load<u8>(p + i));
    v = (v << 4) | (isDigit(c) ? c - 0x30 : c - 0x61 + 10);
  }
  return v;
}

function isHexadecimal(c: u32): bool {
  return isDigit(c) || lowerCase(c) - 0x61 < 6;
}

function isDigit(c: u32): bool {
  return c - 0x30 < 10;
}

function isLabelByte(c: u32): bool {
  return isDigit(c) || lowerCase(c) - 0x61 < 26 || c == 0x2d || c == 0x5f;
}

// Records of AES-CBC with HMAC, as TLS 1.2 has them (RFC 5246, 6.2.3.2): only because old servers
// offer nothing better. Encrypt-then-MAC (RFC 7366) wherever the peer agrees; MAC-then-encrypt
// else, where what is wrong with a record, and how long its padding is, must not show (Lucky 13:
// AlFardan and Paterson, 2013).
//
//   MAC-then-encrypt:  | IV 16 | encrypted { text, MAC, padding, its length } |
//   encrypt-then-MAC:  | IV 16 | encrypted { text, padding, its length } | MAC |
//
// The MAC is over the record's header - sequence number, type and version, CBC_HEADER_SIZE bytes,
// and the length behind them - and the text, or the IV and the encrypted. The header comes from
// the caller without the length.
//
//   state:  | hash 4 | encrypt-then-MAC 4 | HMAC after its key | AES round keys |

import { store16be, wipe } from "../base/bytes";
import { equalBytes, mask } from "../base/ct";
import * as scratch from "../base/scratch";
import { AES_BLOCK, AES_STATE_SIZE, aesBegin } from "./aes";
import { cbcDecrypt, cbcEncrypt } from "./cbc";
import { checkPadding, extractSecretPlace } from "./cbc-padding";
import { HASH_MAX, hashSize } from "./hash";
import { HMAC_STATE_SIZE, hmacBegin, hmacEnd, hmacEndSecretLength, hmacUpdate } from "./hmac";

const FLAVOUR: usize = 4;
const MAC: usize = 8;
const CIPHER: usize = MAC + HMAC_STATE_SIZE;
export const CBC_HMAC_STATE_SIZE: i32 = <i32>CIPHER + AES_STATE_SIZE;

/** Sequence number 8, type 1, version 2. */
export const CBC_HEADER_SIZE: i32 = 11;
/** What opening gives for a record that is not genuine. */
export const NOT_GENUINE: i32 = -1;
/** The most padding, its length included. */
const PADDING_MAX: i32 = 256;

/**
 * Takes the keys of one direction: cipherKeySize is 16 or 32, the MAC's key is as long as the
 * hash. CT: everything but the keys leaks.
 */
export function cbcHmacBegin(
  state: usize,
  hashId: i32,
  isEncryptThenMac: bool,
  cipherKey: usize,
  cipherKeySize: i32,
  macKey: usize,
): void {
  const size = hashSize(hashId);
  if (size == 0) unreachable();
  store<i32>(state, hashId);
  store<i32>(state, <i32>isEncryptThenMac, FLAVOUR);
  hmacBegin(state + MAC, hashId, macKey, size);
  aesBegin(state + CIPHER, cipherKey, cipherKeySize);
}

/** Bytes of a sealed record with n bytes of text. CT: n leaks. */
export function cbcHmacSealedSize(state: usize, n: i32): i32 {
  const size = hashSize(load<i32>(state));
  if (load<i32>(state, FLAVOUR)) return AES_BLOCK + padded(n) + size;
  return AES_BLOCK + padded(n + size);
}

/**
 * Seals the record at p in place: 16 fresh random bytes of IV, n bytes of text behind them, and
 * room for cbcHmacSealedSize bytes in all. Gives that size. CT: addresses and n leak.
 */
export function cbcHmacSeal(state: usize, header: usize, p: usize, n: i32): i32 {
  const size = hashSize(load<i32>(state));
  const text = p + AES_BLOCK;
  if (load<i32>(state, FLAVOUR)) {
    const encrypted = pad(text, n);
    cbcEncrypt(state + CIPHER, p, text, encrypted);
    authenticate(state, header, p, AES_BLOCK + encrypted, text + encrypted);
    return AES_BLOCK + encrypted + size;
  }
  authenticate(state, header, text, n, text + n);
  const encrypted = pad(text, n + size);
  cbcEncrypt(state + CIPHER, p, text, encrypted);
  return AES_BLOCK + encrypted;
}

/**
 * Opens the record of n bytes at p in place: the number of bytes of text, which begins at
 * p + 16, or NOT_GENUINE, and then everything is cleared. CT: addresses, n and whether the record
 * is genuine leak; of a MAC-then-encrypt record nothing else, of the other kind its padding if it
 * is genuine.
 */
export function cbcHmacOpen(state: usize, header: usize, p: usize, n: i32): i32 {
  const isEncryptThenMac = load<i32>(state, FLAVOUR) != 0;
  const size = hashSize(load<i32>(state));
  const outside = isEncryptThenMac ? size : 0;
  const encrypted = n - AES_BLOCK - outside;
  const least = isEncryptThenMac ? AES_BLOCK : padded(size);
  let found = NOT_GENUINE;
  // public: the length
  if (encrypted >= least && (encrypted & (AES_BLOCK - 1)) == 0) {
    if (isEncryptThenMac) found = openOutside(state, header, p, encrypted);
    else found = openInside(state, header, p, encrypted, size);
  }
  if (found < 0) wipe(p, max(n, 0)); // public: the result
  return found;
}

/** Encrypt-then-MAC: nothing is decrypted before the MAC was right. */
function openOutside(state: usize, header: usize, p: usize, encrypted: i32): i32 {
  const frame = scratch.mark();
  const expected = scratch.take(HASH_MAX);
  const text = p + AES_BLOCK;
  const size = hashSize(load<i32>(state));
  authenticate(state, header, p, AES_BLOCK + encrypted, expected);
  let found = NOT_GENUINE;
  // public: the result
  if (equalBytes(expected, text + encrypted, size)) {
    cbcDecrypt(state + CIPHER, p, text, encrypted);
    const padding = <i32>load<u8>(text + encrypted - 1) + 1;
    if (checkPadding(text, encrypted, min(encrypted, PADDING_MAX))) found = encrypted - padding;
  }
  scratch.release(frame);
  return found;
}

/**
 * MAC-then-encrypt, in the same time for every record of that length: whatever the last byte says
 * is taken for the padding's length where that can be, else none; the MAC is computed and fetched
 * for that; and then all that was wrong is one answer.
 */
function openInside(state: usize, header: usize, p: usize, encrypted: i32, size: i32): i32 {
  const frame = scratch.mark();
  const text = p + AES_BLOCK;
  const most = encrypted - size - 1;
  cbcDecrypt(state + CIPHER, p, text, encrypted);
  const isPadded = checkPadding(text, encrypted, min(most + 1, PADDING_MAX));
  const n = most - <i32>(load<u8>(text + encrypted - 1) & mask(isPadded));
  const expected = scratch.take(HASH_MAX);
  const received = scratch.take(HASH_MAX);
  const least = max(most - PADDING_MAX + 1, 0);
  const mac = scratch.take(HMAC_STATE_SIZE);
  beginMac(state, mac, header, n);
  hmacUpdate(mac, text, least);
  hmacEndSecretLength(mac, expected, text + least, n - least, most - least);
  extractSecretPlace(received, text + least, n - least, most - least, size);
  const isGenuine = isPadded & equalBytes(expected, received, size);
  scratch.release(frame);
  return isGenuine ? n : NOT_GENUINE; // public: the result
}

/** The MAC of header, length and n bytes at p. */
function authenticate(state: usize, header: usize, p: usize, n: i32, out: usize): void {
  const frame = scratch.mark();
  const mac = scratch.take(HMAC_STATE_SIZE);
  beginMac(state, mac, header, n);
  hmacUpdate(mac, p, n);
  hmacEnd(mac, out);
  scratch.release(frame);
}

function beginMac(state: usize, mac: usize, header: usize, n: i32): void {
  const frame = scratch.mark();
  const length = scratch.take(2);
  memory.copy(mac, state + MAC, HMAC_STATE_SIZE);
  store16be(length, n);
  hmacUpdate(mac, header, CBC_HEADER_SIZE);
  hmacUpdate(mac, length, 2);
  scratch.release(frame);
}

/** n and at least one byte of padding, whole blocks. */
function padded(n: i32): i32 {
  return (n + AES_BLOCK) & ~(AES_BLOCK - 1);
}

/** Pads n bytes: each byte of padding is their number, less the last. Gives padded(n). */
function pad(p: usize, n: i32): i32 {
  const whole = padded(n);
  memory.fill(p + n, <u8>(whole - n - 1), whole - n);
  return whole;
}

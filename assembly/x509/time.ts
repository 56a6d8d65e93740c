// The dates of a certificate (RFC 5280, 4.1.2.5) as seconds since 1970-01-01 UTC. Only the two
// forms that the RFC allows: UTCTime YYMMDDHHMMSSZ, which means 1950 to 2049, and GeneralizedTime
// YYYYMMDDHHMMSSZ. No fractions, no offsets, no missing seconds, no 30th of February, no leap
// second.
//
// Issuers must use GeneralizedTime from 2050 on only; readers must take it for any year, as NIST's
// tests do (PKITS 4.2.4). Its year 9999 means "no well-defined end" and is simply far away.

import { Reader } from "../base/reader";
import * as der from "./der";
import { Tag } from "./der";

/** How many days stand before the month's first, in a year that is not a leap year. */
// prettier-ignore
const DAYS_BEFORE_MONTH: usize = memory.data<u16>([
  0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365,
]);

/** Reads a Time; 0 with the reader failed where it is not one. */
export function readTime(r: Reader): i64 {
  const isUtcTime = der.next(r, Tag.UTC_TIME);
  const outer = der.enter(r, isUtcTime ? Tag.UTC_TIME : Tag.GENERALIZED_TIME);
  let year = twoDigits(r);
  if (isUtcTime) year += year >= 50 ? 1900 : 2000;
  else year = year * 100 + twoDigits(r);
  const days = readDay(r, year);
  const seconds = readTimeOfDay(r);
  if (r.u8() != 0x5a) r.fail(); // 'Z'
  r.leave(outer);
  return r.failed ? 0 : days * 86400 + seconds;
}

/** Reads MMDD; gives the days since 1970-01-01. */
function readDay(r: Reader, year: i32): i64 {
  const month = twoDigits(r);
  const day = twoDigits(r);
  if (month < 1 || month > 12) r.fail();
  if (r.failed || day < 1 || day > daysOfMonth(year, month)) {
    r.fail();
    return 0;
  }
  const leapDay = month > 2 && isLeapYear(year) ? 1 : 0;
  return daysBeforeYear(year) - daysBeforeYear(1970) + daysBeforeMonth(month) + leapDay + day - 1;
}

/** Reads HHMMSS; gives the seconds since midnight. */
function readTimeOfDay(r: Reader): i64 {
  const hour = twoDigits(r);
  const minute = twoDigits(r);
  const second = twoDigits(r);
  if (hour > 23 || minute > 59 || second > 59) r.fail();
  return hour * 3600 + minute * 60 + second;
}

function twoDigits(r: Reader): i32 {
  const tens = r.u8() - 0x30;
  const ones = r.u8() - 0x30;
  if (tens > 9 || ones > 9) {
    r.fail();
    return 0;
  }
  return tens * 10 + ones;
}

function isLeapYear(year: i32): bool {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

function daysBeforeMonth(month: i32): i32 {
  return load<u16>(DAYS_BEFORE_MONTH + 2 * (month - 1));
}

function daysOfMonth(year: i32, month: i32): i32 {
  const days = daysBeforeMonth(month + 1) - daysBeforeMonth(month);
  return month == 2 && isLeapYear(year) ? days + 1 : days;
}

/** Days from 1 January of the (proleptic Gregorian) year 0, plus a constant, to that of a year. */
function daysBeforeYear(year: i32): i32 {
  const before = year - 1;
  return year * 365 + (before >> 2) - before / 100 + before / 400;
}

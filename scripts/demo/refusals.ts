// What the client must refuse, and the exact words with which it does: MicroPython's, as its users
// know them.

import type { Certificates } from "./certificates.ts";
import type { Pki } from "../lib/pki.ts";

export interface Refusal {
  /** What is wrong. */
  title: string;
  /** The certificates of the server. */
  server: Pki;
  /** What the device trusts. */
  ca: Uint8Array;
  /** Whether it can ask for the time. */
  clock: boolean;
  error: string;
}

export function refusals({ good, wrongName, expired, strangers }: Certificates): Refusal[] {
  const trusted = { ca: good.root.der, clock: true };
  return [
    {
      title: "the certificate is for another name",
      server: wrongName,
      ...trusted,
      error:
        "ValueError('\\nThe certificate Common Name (CN) does not match with the expected CN\\n')",
    },
    {
      title: "the certificate has expired",
      server: expired,
      ...trusted,
      error: "ValueError('\\nThe certificate validity has expired\\n')",
    },
    {
      title: "the CA is not the one that the device trusts",
      server: good,
      ca: strangers.der,
      clock: true,
      error: "ValueError('\\nThe certificate is not correctly signed by the trusted CA\\n')",
    },
    {
      title: "the clock was never set",
      server: good,
      ca: good.root.der,
      clock: false,
      error:
        "ValueError('the clock was never set: call ntptime.settime() " +
        "before certificates are checked')",
    },
  ];
}

// The throw-away certificate authorities of the demo and the tests.

export * from "../../scripts/lib/pki.ts";

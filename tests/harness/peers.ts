// The C servers of the demo and the tests.

export * from "../../scripts/lib/peers.ts";

// What tests/base/*.test.ts calls: the base layer with flat signatures.

export { allocate as alloc, release as free, inUse, peak, end } from "../../assembly/base/heap";
export { equalVarTime, wipe } from "../../assembly/base/bytes";
export { equalBytes, isZeroBytes, copyBytesIf, zeroBytesIf } from "../../assembly/base/ct";

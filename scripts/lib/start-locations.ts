// Source lines for an app's top-level code.
//
// With its garbage collector AssemblyScript (0.28) rebuilds each function that holds references, and then finds the function's
// source locations by its name. The functions made of a file's top-level statements are missing in the table that it
// looks into, so exactly the code that most apps consist of would have no lines. This hook adds them to that table.

import type { APIOptions } from "assemblyscript/asc";

/** The part of the compiler's Program that is needed here. */
interface Program {
  filesByName: Map<string, { startFunction: { internalName: string } }>;
  instancesByName: Map<string, unknown>;
}

const hook = {
  afterInitialize({ filesByName, instancesByName }: Program): void {
    for (const { startFunction } of filesByName.values()) {
      instancesByName.set(startFunction.internalName, startFunction);
    }
  },
};

/** For the compiler's `transforms`, whose type wants more than the hooks that are used. */
export const startLocations = [hook] as unknown as NonNullable<APIOptions["transforms"]>;

// Source lines for an app's top-level code.
//
// With its garbage collector AssemblyScript (0.28) rebuilds each function that holds references,
// and then finds the function's source locations by its name. The functions made of a file's
// top-level statements are missing in the table that it looks into, so exactly the code that most
// apps consist of would have no lines. This hook adds them to that table.

export const startLocations = {
  afterInitialize({ filesByName, instancesByName }) {
    for (const { startFunction } of filesByName.values()) {
      instancesByName.set(startFunction.internalName, startFunction);
    }
  },
};

// Memory that ends within a page.
//
// A small device gives an app less than a page of memory, or some pages and a part of one.
// WebAssembly cannot say so: memory.size counts whole pages, and AssemblyScript's allocator would
// take them all for its own. This makes it ask the device for the end instead.

import { libraryFiles } from "assemblyscript/asc";

const ALLOCATOR = "rt/tlsf";
const ENDS = [
  "addMemory(root, memStart, <u64>memory.size() << 16)",
  "addMemory(root, <usize>pagesBefore << 16, <u64>pagesAfter << 16)",
];
const END = /<u64>(memory\.size\(\)|pagesAfter) << 16/;
const DECLARATION = `
// @ts-ignore: decorator
@external("hal", "memory_size")
declare function deviceMemorySize(): u32;
`;

/** Changes the library's allocator; before the compiler runs. */
export function useDeviceMemory() {
  let source = libraryFiles[ALLOCATOR];
  for (const call of ENDS) {
    if (source.split(call).length !== 2) throw new Error(`${ALLOCATOR} lacks ${call}`);
    source = source.replace(call, call.replace(END, "<u64>deviceMemorySize()"));
  }
  libraryFiles[ALLOCATOR] = source + DECLARATION;
}

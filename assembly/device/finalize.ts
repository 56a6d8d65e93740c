// What MicroPython does in `__del__`: an object that nobody can reach any more gives its handle
// back when the garbage collector frees it, so that an app which forgets to close does not run out
// of sockets or connections. The runtime calls __finalize for every object it frees; the few
// classes that own a handle register what is to be done, by class id.
//
// The table is static memory, not an array: the runtime's allocator must not depend on something
// that it allocates.

/**
 * Gives back the handle of a freed object. It runs inside the collector, so it allocates nothing.
 */
type Finalizer = (object: usize) => void;

/** Room for more than the classes that own a handle: socket, File, SSLContext, SSLSocket. */
const CAPACITY: i32 = 8;
const ENTRY_SIZE: usize = 8;

/** Entries of two words: class id, finalizer (a function object, which is static too). */
const table: usize = memory.data(64, 8);
let count: i32 = 0;

/**
 * Where the runtime keeps the class id of an object, before its first byte (AssemblyScript's memory
 * layout).
 */
const CLASS_ID_OFFSET: usize = 8;

/**
 * Has `finalizer` called with each object of this class that is freed; called once for each class.
 */
export function onFree(classId: u32, finalizer: Finalizer): void {
  assert(count < CAPACITY);
  const entry = table + <usize>count * ENTRY_SIZE;
  store<u32>(entry, classId);
  store<usize>(entry, changetype<usize>(finalizer), 4);
  count++;
}

/** The runtime's hook. */
// @ts-ignore: decorator
@global
export function __finalize(object: usize): void {
  const classId = load<u32>(object - CLASS_ID_OFFSET);
  const end = table + <usize>count * ENTRY_SIZE;
  for (let entry = table; entry < end; entry += ENTRY_SIZE) {
    if (load<u32>(entry) != classId) continue;
    changetype<Finalizer>(load<usize>(entry, 4))(object);
    return;
  }
}

/** Frees what is unreachable now: worth one try when the handles of a kind are used up. */
export function collect(): void {
  __collect();
}

// Makes a stand-in for ssl.wasm (tests/entry/hal-ssl.ts) trap: the file "fault" holds the number
// that tells it where. Nothing behind the trap is reached.

import * as hal from "imports";

hal.context_new(I32.parseInt(str(open("fault")!.read()!)));
hal.connection_wants(1);
print("not reached");

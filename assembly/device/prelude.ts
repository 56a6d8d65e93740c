// Compiled into every app beside its own entry: what MicroPython has without an import. Each of
// these files marks its globals itself: print, open, OSError, bytes, str, and the runtime's hooks.

import "print";
import "files";
import "oserror";
import "text";
import "finalize";

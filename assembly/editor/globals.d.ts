// For editors: what every app has without an import (assembly/device/prelude.ts). The compiler
// takes these from the functions and classes that are marked @global; TypeScript does not know that
// mark.

declare const print: typeof import("../device/print").print;
declare const open: typeof import("../device/files").open;
declare const bytes: typeof import("../device/text").bytes;
declare const str: typeof import("../device/text").str;
declare const OSError: typeof import("../device/oserror").OSError;
declare type OSError = import("../device/oserror").OSError;
declare function __collect(): void;

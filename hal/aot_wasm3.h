/* Tier hybrid: joins the translated functions to the remaining module in wasm3. */
#ifndef WASSL_AOT_WASM3_H
#define WASSL_AOT_WASM3_H

#include "wasm3.h"

/* Links every function of aot_program as an import of the loaded module, and the globals that both
 * sides use. Null, or what went wrong. The module stays loaded as long as the functions are called.
 */
const char *aot_link(IM3Module module);

#endif

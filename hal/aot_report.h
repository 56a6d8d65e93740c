/* The report of a trap in translated code. */
#ifndef WASSL_AOT_REPORT_H
#define WASSL_AOT_REPORT_H

/* Reports the last trap of the translated program, if it had one: what, and the function and the
 * byte offset in ssl.wasm, in the form of vm_report. */
void aot_report(void);

#endif

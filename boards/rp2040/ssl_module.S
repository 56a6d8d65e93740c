/* The module that the tiers wasm3 and hybrid interpret, in flash; nothing in the tier native. */

    .section .rodata.ssl_module, "a"
    .balign 4
    .global ssl_module
    .global ssl_module_end
ssl_module:
#ifdef MODULE
    .incbin MODULE
#endif
ssl_module_end:

// What an app may import, one declaration for each line of hal/surface.def, in its order. wasm3
// refuses to link a signature that differs, and tests/hal/surface.test.ts compares the names both
// ways.
//
// Everything is a number: a byte range is an address and a length in the app's own memory, a handle
// is a small integer, a negative result is an error that OSError understands (oserror.ts). Apps use
// the classes built on top, not these.

// --- the clock, entropy, the console and the end of the program ----------------------------------

// @ts-ignore: decorator
@external("hal", "random_fill")
export declare function random_fill(address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("hal", "clock_time")
export declare function clock_time(): i64;

// @ts-ignore: decorator
@external("env", "abort")
export declare function app_abort(message: usize, file: usize, line: i32, column: i32): void;

// @ts-ignore: decorator
@external("hal", "log_write")
export declare function log_write(address: usize, size: i32): void;

// @ts-ignore: decorator
@external("hal", "memory_size")
export declare function memory_size(): i32;

// @ts-ignore: decorator
@external("hal", "exit")
export declare function app_exit(status: i32): void;

// @ts-ignore: decorator
@external("hal", "clock_set")
export declare function clock_set(seconds: i64): i32;

// @ts-ignore: decorator
@external("hal", "clock_ticks_ms")
export declare function clock_ticks_ms(): i32;

// @ts-ignore: decorator
@external("hal", "clock_ticks_us")
export declare function clock_ticks_us(): i32;

// @ts-ignore: decorator
@external("hal", "clock_sleep_ms")
export declare function clock_sleep_ms(ms: i32): void;

// --- files ---------------------------------------------------------------------------------------

// @ts-ignore: decorator
@external("hal", "fs_open")
export declare function fs_open(path: usize, size: i32, flags: i32): i32;

// @ts-ignore: decorator
@external("hal", "fs_read")
export declare function fs_read(file: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("hal", "fs_write")
export declare function fs_write(file: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("hal", "fs_seek")
export declare function fs_seek(file: i32, offset: i32, whence: i32): i32;

// @ts-ignore: decorator
@external("hal", "fs_close")
export declare function fs_close(file: i32): i32;

// @ts-ignore: decorator
@external("hal", "fs_remove")
export declare function fs_remove(path: usize, size: i32): i32;

// @ts-ignore: decorator
@external("hal", "fs_list")
export declare function fs_list(
  path: usize,
  size: i32,
  index: i32,
  address: usize,
  capacity: i32,
): i32;

// --- sockets; an address is 20 bytes (socket.ts, Address) ----------------------------------------

// @ts-ignore: decorator
@external("hal", "net_getaddrinfo")
export declare function net_getaddrinfo(
  host: usize,
  size: i32,
  port: i32,
  address: usize,
  capacity: i32,
): i32;

// @ts-ignore: decorator
@external("hal", "net_socket")
export declare function net_socket(family: i32, type: i32): i32;

// @ts-ignore: decorator
@external("hal", "net_connect")
export declare function net_connect(socket: i32, peer: usize): i32;

// @ts-ignore: decorator
@external("hal", "net_bind")
export declare function net_bind(socket: i32, local: usize): i32;

// @ts-ignore: decorator
@external("hal", "net_listen")
export declare function net_listen(socket: i32, backlog: i32): i32;

// @ts-ignore: decorator
@external("hal", "net_accept")
export declare function net_accept(socket: i32, peer: usize): i32;

// @ts-ignore: decorator
@external("hal", "net_send")
export declare function net_send(socket: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("hal", "net_recv")
export declare function net_recv(socket: i32, address: usize, size: i32, flags: i32): i32;

// @ts-ignore: decorator
@external("hal", "net_sendto")
export declare function net_sendto(socket: i32, address: usize, size: i32, peer: usize): i32;

// @ts-ignore: decorator
@external("hal", "net_recvfrom")
export declare function net_recvfrom(
  socket: i32,
  address: usize,
  size: i32,
  flags: i32,
  peer: usize,
): i32;

// @ts-ignore: decorator
@external("hal", "net_setsockopt")
export declare function net_setsockopt(socket: i32, level: i32, option: i32, value: i32): i32;

// @ts-ignore: decorator
@external("hal", "net_settimeout")
export declare function net_settimeout(socket: i32, ms: i32): i32;

// @ts-ignore: decorator
@external("hal", "net_close")
export declare function net_close(socket: i32): i32;

// --- the ssl module ------------------------------------------------------------------------------

// @ts-ignore: decorator
@external("ssl", "context_new")
export declare function context_new(protocol: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_free")
export declare function context_free(context: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_set_verify_mode")
export declare function context_set_verify_mode(context: i32, mode: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_receive_buffer")
export declare function context_receive_buffer(context: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_set_receive_buffer")
export declare function context_set_receive_buffer(context: i32, bytes: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_load_verify_data")
export declare function context_load_verify_data(context: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_load_verify_file")
export declare function context_load_verify_file(context: i32, path: usize, size: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_ciphers")
export declare function context_ciphers(context: i32, address: usize, capacity: i32): i32;

// @ts-ignore: decorator
@external("ssl", "context_set_ciphers")
export declare function context_set_ciphers(context: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_new")
export declare function connection_new(
  context: i32,
  serverSide: i32,
  name: usize,
  size: i32,
): i32;

// @ts-ignore: decorator
@external("ssl", "connection_free")
export declare function connection_free(connection: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_wants")
export declare function connection_wants(connection: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_receive")
export declare function connection_receive(connection: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_receive_end")
export declare function connection_receive_end(connection: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_take")
export declare function connection_take(connection: i32, address: usize, capacity: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_read")
export declare function connection_read(connection: i32, address: usize, capacity: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_write")
export declare function connection_write(connection: i32, address: usize, size: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_pending")
export declare function connection_pending(connection: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_close")
export declare function connection_close(connection: i32): i32;

// @ts-ignore: decorator
@external("ssl", "connection_text")
export declare function connection_text(
  connection: i32,
  what: i32,
  address: usize,
  capacity: i32,
): i32;

// @ts-ignore: decorator
@external("ssl", "connection_number")
export declare function connection_number(connection: i32, what: i32): i32;

// @ts-ignore: decorator
@external("ssl", "error_number")
export declare function error_number(error: i32): i32;

// @ts-ignore: decorator
@external("ssl", "error_text")
export declare function error_text(error: i32, address: usize, capacity: i32): i32;

// @ts-ignore: decorator
@external("ssl", "error_alert")
export declare function error_alert(error: i32): i32;

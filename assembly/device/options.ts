// The type of an options object: a class, of which a caller writes only the fields that matter, as
// `{ server_hostname: "example.com" }`. The compiler fills in the others by itself; an editor has
// to be told (assembly/editor/options.d.ts).

export type Options<T> = T;

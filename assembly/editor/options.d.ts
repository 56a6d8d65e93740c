// What assembly/device/options.ts means to an editor: every field may be left out.

export type Options<T> = { [K in keyof T]?: T[K] };

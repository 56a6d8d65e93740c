// A trap of WebAssembly itself, two calls deep (line 4).

function divide(a: i32, b: i32): i32 {
  return a / b;
}

function half(text: string): i32 {
  return divide(text.length, text.indexOf("x"));
}

print(half(str(bytes("xyz"))));

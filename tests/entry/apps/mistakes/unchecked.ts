// Uses the null of a call that failed (line 6).

function first(): Uint8Array {
  print("before");
  const file = open("missing");
  return file!.read()!;
}

print(first());

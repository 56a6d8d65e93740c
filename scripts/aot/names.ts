// Names in the C: those of the TypeScript functions, without the folders that say nothing, made
// unique.

const RESERVED = new Set(
  (
    "auto break case char const continue default do double else enum extern float for goto if " +
    "inline int long register restrict return short signed sizeof static struct switch typedef " +
    "union unsigned void volatile while main memory memcpy memmove memset size m n"
  ).split(" "),
);

/** What body.ts calls its locals, temporaries, results, pointers and labels. */
const VARIABLE = /^[ltrpL]\d+$/;

export class Names {
  private readonly taken = new Map<string, number>();

  /** "assembly/crypto/sha256/block" -> "sha256_block": the file and what is inside it. */
  unique(name: string): string {
    const parts = name.replace(/^~/, "").split("/");
    const short = parts
      .slice(-2)
      .join("_")
      .replace(/[^A-Za-z0-9_]+/g, "_")
      .replace(/^_+|_+$/g, "");
    const reserved = RESERVED.has(short) || VARIABLE.test(short);
    const plain = /^[A-Za-z]/.test(short) && !reserved ? short : `f_${short}`;
    const seen = this.taken.get(plain) ?? 0;
    this.taken.set(plain, seen + 1);
    return seen === 0 ? plain : this.unique(`${plain}_${seen + 1}`);
  }
}

// How many bits a limb of a big number has (assembly/crypto/limbs.ts). The sources are the same for
// both widths; each is a target of asconfig.json, and a board's processor decides between them:
// docs/tiers.md has the figures.

/** 13: products have 32 bits. 26: they have 64, for processors that give them. */
export type LimbBits = 13 | 26;

/** The target of asconfig.json. */
export function limbTarget(limbs: LimbBits): string {
  return `limbs${limbs}`;
}

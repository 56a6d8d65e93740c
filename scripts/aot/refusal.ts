/**
 * The translator does not support something: where, which instruction, why. Nothing is ever
 * translated by guess.
 */
export class Refusal extends Error {
  constructor(where: string, instruction: string, reason: string) {
    super(`${where}: ${instruction}: ${reason}`);
    this.name = "Refusal";
  }
}

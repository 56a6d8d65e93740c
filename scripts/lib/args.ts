// What the verbs share in reading their arguments.

/** Arguments that make no sense: shown with a pointer to the help text. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** UsageError, and what node:util's parseArgs throws for arguments that it does not know. */
export function isUsage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return error.name === "UsageError" || code.startsWith("ERR_PARSE_ARGS_");
}

/** The only positional argument, called `what` in the help text. */
export function oneFile(positionals: string[], what: string): string {
  if (positionals.length === 0) throw new UsageError(`${what} is missing`);
  if (positionals.length > 1)
    throw new UsageError(`one ${what} at a time: ${positionals.join(" ")}`);
  return positionals[0]!;
}

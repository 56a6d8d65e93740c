// A reporter of Node's test runner: what failed, and which files took longest, to be printed at
// the very end. Of a report of thousands of tests often only the end is read or kept, and a file
// that hung until its limit looks like a slow machine otherwise. JavaScript, since the runner
// loads its reporters without a translator.

import path from "node:path";

/** How many lines of an error's text are repeated; the whole stands in the report. */
const LINES = 12;
const SLOWEST = 8;

/**
 * Takes the runner's events; yields comments of TAP.
 * @param {AsyncIterable<import("node:test/reporters").TestEvent>} events
 * @returns {AsyncGenerator<string>}
 */
export default async function* failureReporter(events) {
  const failures = [];
  const times = new Map();
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const file = path.relative(process.cwd(), data.file ?? data.name);
    const { duration_ms: ms, error } = data.details;
    if (data.nesting === 0) times.set(file, (times.get(file) ?? 0) + ms);
    if (type === "test:fail" && error.failureType !== "subtestsFailed") {
      failures.push(`# failed: ${data.name} (${file}:${data.line ?? 0})\n${reasonOf(error)}`);
    }
  }
  const slowest = [...times].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  yield "# the slowest files:\n";
  for (const [file, ms] of slowest) yield `# ${(ms / 1000).toFixed(0).padStart(4)} s  ${file}\n`;
  for (const failure of failures) yield `${failure}\n`;
}

/** @param {Error & { failureType?: string }} error */
function reasonOf(error) {
  const text = error.cause instanceof Error ? error.cause.message : error.message;
  const lines = `${error.failureType ?? "error"}: ${text}`.split("\n").slice(0, LINES);
  return lines.map((line) => `#   ${line}`).join("\n");
}

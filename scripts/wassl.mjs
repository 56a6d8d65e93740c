#!/usr/bin/env node
// The `wassl` command: scripts/cli.ts, run as TypeScript.

import { register } from "tsx/esm/api";

register();
const { main } = await import("./cli.ts");
process.exitCode = await main(process.argv.slice(2));

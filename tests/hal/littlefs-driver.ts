// Builds and runs the C drivers of fs_littlefs (fs-littlefs-*.c), with AddressSanitizer and
// UndefinedBehaviorSanitizer in littlefs too.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { exec, root } from "../../scripts/lib/exec.ts";
import { hashOf, nameAndContent, once, output } from "../harness/compile.ts";

const littlefs = path.join(root, "third_party/littlefs");
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const FLAGS = [
  ...["-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-Wshadow"],
  ...["-Wmissing-prototypes", "-Wstrict-prototypes", "-D_GNU_SOURCE", ...SANITIZERS],
  ...["-isystem", littlefs, "-I", path.join(root, "hal"), "-I", path.join(root, "tests/hal")],
  "-DLFS_DEFINES=fs_littlefs_config.h",
];
/** littlefs taking every checksum for right. */
const NO_CHECKSUM = "((void)(buffer), (void)(size), (crc) & 0)";
const WITHOUT_CHECKSUMS = [`-DLFS_CRC(crc, buffer, size)=${NO_CHECKSUM}`];
/** A machine may be busy with other things; one round is watched by an alarm of its own. */
const LONGEST_RUN_MS = process.env.WASSL_LONG === "1" ? 3_600_000 : 600_000;

const HAL = ["fs_littlefs", "fs_littlefs_put", "fs_littlefs_volume", "flash_host"];
const HEADERS = ["fs_littlefs", "fs_littlefs_volume", "fs_littlefs_config", "flash_host", "flash"];

export interface Driver {
  /** fs-littlefs-<name>.c, with fs-littlefs-tree.c. */
  name: "cases" | "cuts" | "damage";
  withoutChecksums?: boolean;
}

/** Runs a driver to its end and gives what it printed; throws with it where it fails. */
export async function runDriver(driver: Driver, args: string[]): Promise<string> {
  const program = await buildDriver(driver);
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    timeout: LONGEST_RUN_MS,
  });
  if (status === 0 && stderr === "") return stdout;
  const said = `${stdout}\n${stderr}`.trim().split("\n").slice(0, 30).join("\n");
  throw new Error(`${driver.name} ${args.join(" ")} ended with ${status ?? signal}\n${said}`);
}

async function buildDriver(driver: Driver): Promise<string> {
  const own = [`fs-littlefs-${driver.name}.c`, "fs-littlefs-tree.c"];
  const sources = [
    ...own.map((name) => path.join(root, "tests/hal", name)),
    ...HAL.map((name) => path.join(root, "hal", `${name}.c`)),
  ];
  const headers = [
    path.join(root, "tests/hal/fs-littlefs-tree.h"),
    ...HEADERS.map((name) => path.join(root, "hal", `${name}.h`)),
  ];
  const flags = [...FLAGS, ...(driver.withoutChecksums ? WITHOUT_CHECKSUMS : [])];
  const objects = await littlefsObjects(flags);
  const all = [...sources, ...headers, objects];
  const hash = hashOf([...flags, ...all.flatMap(nameAndContent)]);
  return once(path.join(output, `fs-littlefs-${driver.name}.${hash}`), async (target) => {
    await exec(compiler(), [...flags, ...sources, objects, "-o", target]);
  });
}

/** littlefs as one relocatable object, built once for all drivers. */
function littlefsObjects(flags: string[]): Promise<string> {
  if (!existsSync(path.join(littlefs, "lfs.c"))) {
    throw new Error(`${littlefs} holds no littlefs: run scripts/setup.sh`);
  }
  const sources = ["lfs.c", "lfs_util.c"].map((name) => path.join(littlefs, name));
  const config = path.join(root, "hal/fs_littlefs_config.h");
  const inputs = [...sources, config].flatMap((file) => [file, readFileSync(file)]);
  const hash = hashOf([compiler(), ...flags, ...inputs]);
  return once(path.join(output, `littlefs.${hash}.o`), async (target) => {
    await exec(compiler(), [...flags, "-w", "-r", "-o", target, ...sources]);
  });
}

function compiler(): string {
  return process.env.CC ?? "cc";
}

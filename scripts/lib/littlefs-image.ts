// Images of a board's file system: made from a folder or from files in memory, and read back. The
// work is done by littlefs-image (boards/host), with the code that runs on the board, so that both
// agree on every setting of littlefs.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildLittlefsImage } from "./board-host.ts";
import { exec, UserError } from "./exec.ts";

/** Contents by path: "certs/ca.pem", without a leading slash. */
export type ImageFiles = Record<string, Uint8Array | string>;

/** The unit that is erased: the image's length is a multiple of it. */
export const SECTOR = 4096;

/** An image of `size` bytes with these files; folders come with them. */
export function imageOfFiles(files: ImageFiles, size: number): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    const pairs = Object.entries(files).flatMap(([name, content], i) => {
      const file = path.join(folder, String(i));
      writeFileSync(file, content);
      return [name, file];
    });
    return makeImage(path.join(folder, "image"), size, pairs);
  });
}

/** An image of `size` bytes with what is in the folder. Links and the like are refused. */
export async function imageOfFolder(source: string, size: number): Promise<Uint8Array> {
  const pairs = pairsOf(source, "");
  return inFolder((folder) => makeImage(path.join(folder, "image"), size, pairs));
}

/** The files in an image, by path in alphabetical order. */
export function filesOfImage(image: Uint8Array): Promise<Map<string, Uint8Array>> {
  return inFolder(async (folder) => {
    const tool = await buildLittlefsImage();
    const file = path.join(folder, "image");
    const copy = path.join(folder, "copy");
    writeFileSync(file, image);
    const files = new Map<string, Uint8Array>();
    for (const name of (await listOf(tool, file)).sort()) {
      await exec(tool, ["get", file, name, copy]);
      files.set(name, readFileSync(copy));
    }
    return files;
  });
}

/** The sectors that are not erased: all that has to be written to an erased flash. */
export function usedSectors(image: Uint8Array): { offset: number; bytes: Uint8Array }[] {
  const sectors = [];
  for (let offset = 0; offset < image.length; offset += SECTOR) {
    const bytes = image.subarray(offset, offset + SECTOR);
    if (bytes.some((byte) => byte !== 0xff)) sectors.push({ offset, bytes });
  }
  return sectors;
}

async function makeImage(image: string, size: number, pairs: string[]): Promise<Uint8Array> {
  const tool = await buildLittlefsImage();
  await exec(tool, ["format", image, String(size)]);
  await exec(tool, ["put", image, ...pairs]);
  return Uint8Array.from(readFileSync(image));
}

/** What littlefs-image put is told: each path in the image, and the file that comes there. */
function pairsOf(folder: string, prefix: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const source = path.join(folder, entry.name);
      const name = prefix + entry.name;
      if (entry.isDirectory()) return [name, "-", ...pairsOf(source, `${name}/`)];
      if (entry.isFile()) return [name, source];
      throw new UserError(`${source} is neither a file nor a folder`);
    });
}

async function listOf(tool: string, image: string): Promise<string[]> {
  const records = (await exec(tool, ["list", image])).split("\0");
  return records.flatMap((record) => /^file \d+ (.*)$/s.exec(record)?.[1] ?? []);
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-image-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

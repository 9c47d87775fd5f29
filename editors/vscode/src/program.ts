// Where the server's program is found.
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, relative } from "node:path";

/** The configured program, or else the first `nootropic` on the PATH that is outside all `folders`. */
export function findProgram(configured: string, folders: readonly string[]): string | undefined {
  if (configured) {
    const path = configured.replace(/^~(?=[/\\])/, homedir());
    return isAbsolute(path) && isProgram(path) ? path : undefined;
  }
  // Not left to spawn(): on Windows that looks into the current folder first, and what a
  // workspace brings along must never be run.
  const name = process.platform === "win32" ? "nootropic.exe" : "nootropic";
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((place) => isAbsolute(place) && !folders.some((folder) => isInside(place, folder)))
    .map((place) => join(place, name))
    .find(isProgram);
}

function isInside(place: string, folder: string): boolean {
  const way = relative(folder, place);
  return !way.startsWith("..") && !isAbsolute(way);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

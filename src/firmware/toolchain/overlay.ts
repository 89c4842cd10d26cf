/**
 * The bundled compiler's file system takes `..` in a path for `.`: `#include "../x.h"` would find nothing, or a file of that name
 * beside the one that includes. LLVM's own overlay of a file system reads paths right, so that files are looked up there first.
 * https://clang.llvm.org/docs/ClangCommandLineReference.html, -ivfsoverlay
 */

/** Where the compiler finds the overlay. */
export const OVERLAY = '/overlay.json'

/**
 * An overlay in which each file is where it is.
 *
 * @param paths - Their absolute paths.
 */
export function overlayOf(paths: Iterable<string>): string {
  const roots = Array.from(paths, (path) => ({ type: 'file', name: path, 'external-contents': path }))
  return JSON.stringify({ version: 0, 'case-sensitive': true, roots })
}

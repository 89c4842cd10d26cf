/** Progress of a build, which takes seconds when the compiler is loaded and the SDK compiled for the first time. */
import type { CompileOptions } from '../firmware/firmware.ts'

import type { Progress } from './progress.ts'

/** What a build tells. */
type OnProgress = NonNullable<CompileOptions['onProgress']>

/**
 * Shows how far a build is.
 *
 * @param progress - Where.
 * @returns What the build is to be given.
 */
export function showBuild(progress: Progress): OnProgress {
  let shown = ''
  return ({ stage, done, total }) => {
    if (stage !== shown) progress.begin(stage === 'compile' ? 'Compiling' : 'Linking', total)
    shown = stage
    progress.advance(done)
  }
}

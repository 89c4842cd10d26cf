/** A thread of the page's own. Import maps are not for threads, so it is told where the library is. */
import { useAttached } from './attached.js'

addEventListener('message', async ({ data: { libraryUrl, order } }) => {
  postMessage(await useAttached(await import(libraryUrl), order))
})

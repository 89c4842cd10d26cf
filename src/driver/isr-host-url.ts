/**
 * Where a channel's thread finds the host of resident callbacks: in this library, which is one file for that reason. Bundlers
 * copy it as it is.
 */
export const isrHostUrl: URL = new URL('./index.js', import.meta.url)

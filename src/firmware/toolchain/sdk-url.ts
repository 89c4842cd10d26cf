/** Where the headers and sources of firmware are: beside the bundles of this package. */
export const sdkUrl: URL = new URL('./sdk/', import.meta.url)

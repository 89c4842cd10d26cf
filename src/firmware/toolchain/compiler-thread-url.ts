/** Where the compiler's thread starts. The bundles of this package lie beside each other in one folder. */
export const compilerThreadUrl: URL = new URL('./compiler-thread.js', import.meta.url)

/** Where the threads of firmware start. The built files lie beside each other in one folder. */

/** The kernel's thread. */
export const kernelUrl: URL = new URL('./firmware-kernel.js', import.meta.url)
/** A task's thread. */
export const taskUrl: URL = new URL('./firmware-task.js', import.meta.url)
/** The module of resident callbacks that calls C functions. */
export const isrUrl: URL = new URL('./firmware-isr.js', import.meta.url)

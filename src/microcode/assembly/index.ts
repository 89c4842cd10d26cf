/** The microcode: what runs in every thread that has a Soc. Each export is documented where it is defined. */
export { calibrate, choiceInit } from './choice'
export { begin, failAll, finish, hasWork, step } from './channel'
export { alloc, blockAt, blockLength, free, regionExtend, regionInit } from './heap'
export { objectAdd, objectDelete, objectNew, objectPublish } from './objects'
export { close, inFlight, submit, withdraw } from './ring'
export { semaphoreEnd, semaphoreGive, semaphoreTake } from './semaphore'
export { abandonSplit } from './split'

/** The microcode: what runs in every thread that has a Soc. Each export is documented where it is defined. */
export { calibrate, choiceInit } from './choice'
export { begin, failAll, finish, hasWork, move, serve, step, takeOver } from './channel'
export { setTime, time } from './clock'
export { copyBytes } from './copy'
export { etmTrigger } from './etm'
export { goOn, heldBlock, revoke } from './foreign'
export { alloc, blockAt, blockLength, couldFit, free, regionExtend, regionInit } from './heap'
export { attach, letGo } from './holders'
export {
  etmBind, etmConnect, etmDelete, etmDeleteChannel, etmDisable, etmEnable, etmFollow, etmListen, etmNewChannel, etmRetain,
  etmUnbind,
} from './matrix'
export { objectAdd, objectDelete, objectNew, objectPublish } from './objects'
export { pinChange } from './pin'
export { close, inFlight, submit, withdraw } from './ring'
export { semaphoreEnd, semaphoreGive, semaphoreTake } from './semaphore'
export { abandonSplit } from './split'
export { trace, traceReclaim, traceStart, traceStop } from './trace'
export { timerCount, timerNew, timerOperate, timerSet, timersNext, timersRun } from './timer'

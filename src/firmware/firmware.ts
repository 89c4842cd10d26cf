/** Firmware in C on virtual chips: `async-memcpy/firmware`, for Node.js. */
export {
  compileFirmware,
  type CompiledFirmware,
  type CompileOptions,
  type CompileProgress,
} from './toolchain/compile-firmware.ts'
export type { Optimization } from './toolchain/flags.ts'
export { CompileError, ToolchainError } from './toolchain/toolchain-error.ts'
export { symbolise, type SourceFrame } from './toolchain/symbolise.ts'
export { runFirmware } from './host/run-firmware.ts'
export type { EndReason, Panic, RunOptions, RunResult, WaitingTask } from './host/run-result.ts'

/** Firmware in C on virtual chips: `async-memcpy/firmware`, for Node.js. */
export { compileFirmware, type CompiledFirmware } from './toolchain/compile-firmware.ts'
export type { CompileOptions, CompileProgress } from './toolchain/compile-options.ts'
export type { Optimization } from './toolchain/flags.ts'
export { CompileError, ToolchainError, type SourceFailure } from './toolchain/toolchain-error.ts'
export { symbolise, type SourceFrame } from './toolchain/symbolise.ts'
export { runFirmware } from './host/run-firmware.ts'
export {
  describeDiagnosis,
  type FirmwareCopy,
  type FirmwareDiagnosis,
  type FirmwarePlace,
} from './host/firmware-diagnosis.ts'
export type { EndReason, Panic, RunOptions, RunResult, WaitingTask } from './host/run-result.ts'
export { testFirmware, type TestOptions, type TestResult } from './suite/test-firmware.ts'
export { buildApp, NothingLeftError, type AppBuildOptions, type BuiltApp } from './suite/build-app.ts'
export { configFiles, filesOf, findApps, type AppFiles, type TestApp } from './suite/test-app.ts'
export { readShard, type Shard } from './suite/selection.ts'
export type { CaseResult, CaseStatus, ListedCase } from './suite/unity-output.ts'
export { junitXml, type JunitSuite } from './suite/junit.ts'

/** The task of the piscina peer: copies between two SharedArrayBuffers that its worker was given once. */
import { workerData } from 'node:worker_threads'

/** What the worker is given when it starts. */
export interface CopyTaskData {
  /** Copies go there. */
  readonly destination: SharedArrayBuffer
  /** And come from here. */
  readonly source: SharedArrayBuffer
}

/** A copy, in offsets. */
export interface CopyTask {
  /** Where to. */
  readonly to: number
  /** Where from. */
  readonly from: number
  /** Bytes. */
  readonly length: number
}

const data = workerData as CopyTaskData
const destination = new Uint8Array(data.destination)
const source = new Uint8Array(data.source)

/** Copies. */
export function copy({ to, from, length }: CopyTask): void {
  destination.set(source.subarray(from, from + length), to)
}

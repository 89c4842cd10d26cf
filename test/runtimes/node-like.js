/** Runs the conformance script where there are threads as Node.js has them, and prints the report as one line of JSON. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

import { useAttached } from './attached.js'
import { conform } from './conformance.js'

import * as library from 'async-memcpy'

/** @returns {Promise<unknown>} */
function nextUncaught() {
  return new Promise((resolve) => process.once('uncaughtException', resolve))
}

/** @param {object} order @returns {Promise<Record<string, unknown>>} */
function attached(order) {
  const thread = new Worker(new URL(import.meta.url), { workerData: order })
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
}

if (isMainThread) {
  const residents = new URL('./residents.js', import.meta.url).href
  const surroundings = { isolated: true, canBlock: true, nextUncaught, attached, residents }
  const report = await conform(library, surroundings, (name) => console.error(name))
  console.log(JSON.stringify(report))
} else {
  parentPort?.postMessage(await useAttached(library, workerData))
}

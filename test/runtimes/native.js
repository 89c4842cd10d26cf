/** Copies by address, in the runtimes that reach the memory of the process. Prints what came of it as one line of JSON. */
import { copyBetweenAllKinds } from './any-memory.js'

import { AsyncMemcpy, EspError } from 'async-memcpy'

const driver = await AsyncMemcpy.install({ backlog: 4 })
const refused = await driver.soc.native().then(
  () => undefined,
  (error) => ({ isEspError: error instanceof EspError, name: error.name, message: error.message }),
)
const { wrong, copies, paths } = await copyBetweenAllKinds(driver)
const long = Math.floor(100.5 * 2 ** 20)
const src = new Uint8Array(long).fill(7)
const dst = new Uint8Array(long)
const { path } = await driver.copy(dst, src)
await driver.uninstall()
console.log(
  JSON.stringify({
    refused,
    wrong,
    copies,
    paths: [...new Set(Object.values(paths))].sort(),
    path,
    last: dst[long - 1],
  }),
)

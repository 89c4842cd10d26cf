/** What keeps a process alive and what does not, in one of the runtimes that have processes. */
import process from 'node:process'

import { AsyncMemcpy } from 'async-memcpy'

const MIB = 2 ** 20
const driver = await AsyncMemcpy.install({ backlog: 4 })
const src = driver.soc.heap.alloc(64 * MIB).fill(7)
const dst = driver.soc.heap.alloc(64 * MIB)

switch (process.argv[2]) {
  case 'idle':
    await driver.copy(dst, src)
    console.log('idle')
    break
  case 'callback':
    for (let i = 0; i < 4; i++) driver.memcpy(dst, src, src.length, () => console.log(`copy ${i}`))
    break
  case 'promise':
    void Promise.all([driver.copy(dst, src), driver.copy(dst, src)])
      .then(() => driver.uninstall())
      .then(() => console.log('uninstalled'))
    break
}

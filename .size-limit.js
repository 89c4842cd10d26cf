/** What a bundle of the library costs: minified, compressed, Node's own modules left out. */
const asModule = (config) => ({ ...config, format: 'esm' })

export default [
  {
    name: 'the library with its microcode',
    path: 'dist/index.js',
    import: '*',
    ignore: ['node:worker_threads'],
    modifyEsbuildConfig: asModule,
    limit: '44 kB',
  },
  {
    name: "a channel's thread",
    path: 'dist/channel-worker.js',
    ignore: ['node:worker_threads'],
    modifyEsbuildConfig: asModule,
    limit: '14 kB',
  },
]

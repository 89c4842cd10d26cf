/** What a bundle of the library costs: minified and compressed. */
const asModule = (config) => ({ ...config, format: 'esm' })

export default [
  {
    name: 'the library with its microcode',
    path: 'dist/index.js',
    import: '*',
    modifyEsbuildConfig: asModule,
    limit: '56.5 kB',
  },
  {
    name: "a channel's thread",
    path: 'dist/channel-worker.js',
    modifyEsbuildConfig: asModule,
    limit: '6.7 kB',
  },
]

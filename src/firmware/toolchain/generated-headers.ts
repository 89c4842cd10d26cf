/** Headers that ESP-IDF's build makes, or picks by the target. */
import type { Target } from '../../targets/target.ts'

import { headerOf, type Define } from './define.ts'
import type { IdfVersion } from './idf-version.ts'
import { sdkconfig } from './sdkconfig.ts'
import { socCaps } from './soc-caps.ts'

/**
 * Headers by path as firmware includes them.
 *
 * @param target - The chip.
 * @param idf - The version.
 * @param config - What the project says of `sdkconfig`.
 */
export function generatedHeaders(
  target: Target,
  idf: IdfVersion,
  config: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([
    ['sdkconfig.h', headerOf(`Configuration for ${target.name}`, sdkconfig(target, config))],
    ['soc/soc_caps.h', headerOf(`What the ${target.name} has`, socCaps(target))],
    ['esp_idf_version.h', versionHeader(idf)],
    ['soc/virtual_chip.h', headerOf(`Memory of the virtual ${target.name}`, memoryMap(target))],
  ])
}

function versionHeader({ major, minor, patch }: IdfVersion): string {
  const version: Define[] = [
    { name: 'ESP_IDF_VERSION_MAJOR', value: String(major) },
    { name: 'ESP_IDF_VERSION_MINOR', value: String(minor) },
    { name: 'ESP_IDF_VERSION_PATCH', value: String(patch) },
    { name: 'ESP_IDF_VERSION_VAL(major, minor, patch)', value: '(((major) << 16) | ((minor) << 8) | (patch))' },
    {
      name: 'ESP_IDF_VERSION',
      value: 'ESP_IDF_VERSION_VAL(ESP_IDF_VERSION_MAJOR, ESP_IDF_VERSION_MINOR, ESP_IDF_VERSION_PATCH)',
    },
    { name: 'IDF_VER', value: `"v${major}.${minor}${patch === 0 ? '' : `.${patch}`}"` },
  ]
  return `${headerOf('The version of ESP-IDF whose names these are', version)}
#ifdef __cplusplus
extern "C" {
#endif
const char *esp_get_idf_version(void);
#ifdef __cplusplus
}
#endif
`
}

/** Windows of memory, for \`esp_memory_utils.h\` and the like. */
function memoryMap(target: Target): Define[] {
  return target.memory.flatMap(({ kind, start, end }) => {
    const name = kind === 'psram' ? 'PSRAM' : 'SRAM'
    return [
      { name: `VIRTUAL_CHIP_${name}_LOW`, value: `0x${start.toString(16)}u` },
      { name: `VIRTUAL_CHIP_${name}_HIGH`, value: `0x${end.toString(16)}u` },
    ]
  })
}

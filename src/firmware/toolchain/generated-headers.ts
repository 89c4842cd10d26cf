/** Headers that ESP-IDF's build makes, or picks by the target. */
import { psramWindow } from '../../targets/fitting.ts'
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
    ['soc/soc_caps.h', headerOf(`What the ${target.name} has`, [...socCaps(target), ...questions(target)])],
    ['esp_idf_version.h', versionHeader(idf)],
    ['firmware_target.h', headerOf(`The virtual ${target.name}`, targetFacts(target))],
  ])
}

/** Macros that ask for capabilities by their names, as newer versions of ESP-IDF have them. */
function questions(target: Target): Define[] {
  return [
    { name: `_SOC_CAPS_TARGET_IS_${target.name.toUpperCase()}`, value: '1' },
    { name: '_SOC_CAPS_EVAL(name)', value: '_SOC_CAPS_ ## name' },
    { name: 'SOC_HAS(module)', value: 'SOC_ ## module ## _SUPPORTED' },
    { name: 'SOC_IS(target)', value: '_SOC_CAPS_EVAL(TARGET_IS_ ## target)' },
  ]
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

/** What the C sources of this package ask about the chip. */
function targetFacts(target: Target): Define[] {
  const { memory, processor, timing, cacheLines, backends } = target
  const address = (value: number): string => `0x${value.toString(16).padStart(8, '0')}u`
  const psram = psramWindow(target)
  const [sram] = memory
  const encryption = backends.map((backend) => backend.encryptionAlign.value).filter(Number.isFinite)
  const facts: Readonly<Record<string, string | number>> = {
    SRAM_LOW: address(sram.start),
    SRAM_HIGH: address(sram.end),
    // The window: how much of it is fitted is known when the firmware runs.
    PSRAM_LOW: address(psram?.start ?? 0),
    PSRAM_HIGH: address(psram?.end ?? 0),
    PSRAM_DMA: backends.some((backend) => backend.reachesPsram.value) ? 1 : 0,
    ENCRYPTION_ALIGN: Math.max(1, ...encryption),
    CPU_HZ: timing?.cpuHz.value ?? 0,
    CORES: processor?.cores.value ?? 1,
    CACHE_LINE_INTERNAL: cacheLines.internal.value,
    CACHE_LINE_EXTERNAL: cacheLines.usual.value,
  }
  return Object.entries(facts).map(([name, value]) => ({ name: `FIRMWARE_TARGET_${name}`, value: String(value) }))
}

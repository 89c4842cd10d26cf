/** What ESP-IDF's build has set when it reads a component's CMakeLists.txt. */
import { findTarget } from '../../../targets/catalog.ts'
import { idfVersion } from '../../toolchain/idf-version.ts'
import { projectConfig, type ProjectConfigSources } from '../../toolchain/project-config.ts'
import { configuration } from '../../toolchain/sdkconfig.ts'

/** What a build is for. */
export interface BuildFacts extends ProjectConfigSources {
  /** The chip. */
  readonly target: string
  /** The version of ESP-IDF. */
  readonly idf?: string | undefined
}

/**
 * The variables of the build: the target, the version, and the configuration with what the chip has, as `sdkconfig.h` and
 * `soc/soc_caps.h` have it.
 *
 * @param facts - What the build is for.
 * @param root - Folder of the project.
 */
export function buildVariables(facts: BuildFacts, root: string): Map<string, string> {
  const { major, minor, patch } = idfVersion(facts.idf)
  const { config } = projectConfig(facts, root)
  const values = configuration(findTarget(facts.target), config)
  return new Map([
    ...[...values].map(([name, value]): [string, string] => [name, value.replace(/^"(.*)"$/, '$1')]),
    ['IDF_TARGET', facts.target],
    ['IDF_TARGET_ARCH', (values.get('CONFIG_IDF_TARGET_ARCH') ?? '').replaceAll('"', '')],
    ['IDF_VERSION_MAJOR', String(major)],
    ['IDF_VERSION_MINOR', String(minor)],
    ['IDF_VERSION_PATCH', String(patch)],
    ['IDF_VERSION', `${major}.${minor}.${patch}`],
    ['ESP_PLATFORM', '1'],
    ['PROJECT_DIR', root],
    ['CMAKE_SOURCE_DIR', root],
    ['CMAKE_PROJECT_SOURCE_DIR', root],
  ])
}

/** What is set beside that for the file of a folder. */
export function folderVariables(folder: string, name: string): [string, string][] {
  return [
    ['CMAKE_CURRENT_LIST_DIR', folder],
    ['CMAKE_CURRENT_SOURCE_DIR', folder],
    ['COMPONENT_DIR', folder],
    ['COMPONENT_PATH', folder],
    ['COMPONENT_NAME', name],
    // These two name its target: what is said of it is read where it is said.
    ['COMPONENT_LIB', `__${name}`],
    ['COMPONENT_TARGET', `__${name}`],
  ]
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { readCommands } from './commands.ts'
import { evaluate } from './evaluate.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cmake-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const VARIABLES = new Map([
  ['CONFIG_SOC_ETM_SUPPORTED', 'y'],
  ['CONFIG_SOC_PAIRS', '3'],
  ['IDF_TARGET', 'esp32c6'],
  ['IDF_VERSION', '5.4.1'],
])

/** The sources that a file registers. */
const sources = (text: string): readonly string[] | undefined =>
  evaluate(`${text}\nidf_component_register(SRCS \${srcs})`, folder, VARIABLES).component?.get('SRCS')

describe('commands', () => {
  it('are read with their comments, quotes, brackets and parentheses', () => {
    const text = `# first
      Set(a "x # y" z\\ z) #[[ a comment
      of lines ]] message([==[a ]] ")]==])
      if((A AND B) OR "c;d" STREQUAL -DNAME="e f")`
    expect(readCommands(text)).toEqual([
      {
        name: 'set',
        line: 2,
        args: [
          { text: 'a', kind: 'bare' },
          { text: 'x # y', kind: 'quoted' },
          { text: 'z\\ z', kind: 'bare' },
        ],
      },
      { name: 'message', line: 3, args: [{ text: 'a ]] ")', kind: 'bracket' }] },
      {
        name: 'if',
        line: 4,
        args: ['(', 'A', 'AND', 'B', ')', 'OR', 'c;d', 'STREQUAL', '-DNAME="e f"'].map((word) => ({
          text: word,
          kind: word === 'c;d' ? 'quoted' : 'bare',
        })),
      },
    ])
  })

  it.each([
    ['set(a', 'line 1: set( has no end'],
    ['set(a)\n)', 'line 2: ")" where a command is expected'],
    ['set(a "b)', 'is not understood'],
  ])('%j is told to be none', (text, message) => {
    expect(() => readCommands(text)).toThrow(message)
  })
})

describe('sources', () => {
  it('are gathered in lists, by conditions', () => {
    expect(
      sources(`
        set(srcs "main.c"
                 "core.c")
        if(CONFIG_SOC_ETM_SUPPORTED AND CONFIG_SOC_PAIRS)
            list(APPEND srcs "etm.c" both.c)
            if(NOT CONFIG_SOC_ETM_SUPPORTED)
                list(APPEND srcs "never.c")
            else()
                list(PREPEND srcs "first.c")
            endif()
        elseif(TRUE)
            list(APPEND srcs "other.c")
        endif()
        list(REMOVE_ITEM srcs both.c)`),
    ).toEqual(['first.c', 'main.c', 'core.c', 'etm.c'])
  })

  it.each([
    ['CONFIG_SOC_ETM_SUPPORTED', true],
    ['CONFIG_SOC_CRC_SUPPORTED', false],
    ['NOT CONFIG_SOC_CRC_SUPPORTED', true],
    ['CONFIG_SOC_ETM_SUPPORTED AND NOT CONFIG_SOC_CRC_SUPPORTED', true],
    ['CONFIG_SOC_CRC_SUPPORTED OR CONFIG_SOC_ETM_SUPPORTED AND 0', false],
    ['(1 OR 0) AND (0 OR NOT 1)', false],
    ['CONFIG_SOC_ETM_SUPPORTED STREQUAL "y"', true],
    ['IDF_TARGET STREQUAL "esp32c6"', true],
    ['"${IDF_TARGET}" STREQUAL "esp32s3"', false],
    ['${IDF_TARGET} MATCHES "^esp32[ch]"', true],
    ['IDF_TARGET IN_LIST chips', true],
    ['CONFIG_SOC_PAIRS GREATER 2', true],
    ['CONFIG_SOC_NONE GREATER 0', false],
    ['CONFIG_SOC_PAIRS EQUAL 3', true],
    ['IDF_VERSION VERSION_LESS 5.10', true],
    ['IDF_VERSION VERSION_GREATER_EQUAL "5.5"', false],
    ['DEFINED CONFIG_SOC_PAIRS', true],
    ['DEFINED NOTHING', false],
    ['EXISTS "${CMAKE_CURRENT_LIST_DIR}/CMakeLists.txt"', true],
    ['IS_DIRECTORY nowhere', false],
    ['""', false],
    ['"IDF_TARGET"', false],
    ['some-NOTFOUND', false],
  ])('if(%s) is %s', (condition, holds) => {
    writeFileSync(join(folder, 'CMakeLists.txt'), '')
    const text = `set(CMAKE_CURRENT_LIST_DIR "${folder}")\nset(chips esp32c6 esp32h2)\nif(${condition})\n set(srcs yes.c)\nelse()\n set(srcs no.c)\nendif()`
    expect(sources(text)).toEqual([holds ? 'yes.c' : 'no.c'])
  })

  it('are made of values, in loops and from folders', () => {
    for (const file of ['src/b.c', 'src/a.c', 'src/a.h', 'src/deep/c.c']) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), '')
    }
    expect(
      sources(`
        set(names one two)
        foreach(name IN LISTS names ITEMS three)
            list(APPEND srcs "test_\${name}_\${IDF_TARGET}.c")
        endforeach()
        foreach(name x y)
            set(kind_\${name} \${name})
        endforeach()
        set(which y)
        list(APPEND srcs \${kind_\${which}}.c)`),
    ).toEqual(['test_one_esp32c6.c', 'test_two_esp32c6.c', 'test_three_esp32c6.c', 'y.c'])
    expect(sources('file(GLOB srcs CONFIGURE_DEPENDS "src/*.c")')).toEqual(
      ['a.c', 'b.c'].map((name) => join(folder, 'src', name)),
    )
    expect(sources(`file(GLOB_RECURSE srcs RELATIVE ${folder} src/?.c)`)).toEqual([
      'src/a.c',
      'src/b.c',
      'src/deep/c.c',
    ])
  })

  it('are those before return()', () => {
    const { component } = evaluate(
      'idf_component_register(SRCS a.c PRIV_REQUIRES unity WHOLE_ARCHIVE)\nif(1)\nreturn()\nendif()\nidf_component_register(SRCS b.c)',
      folder,
      VARIABLES,
    )
    expect(component).toEqual(
      new Map([
        ['SRCS', ['a.c']],
        ['PRIV_REQUIRES', ['unity']],
        ['WHOLE_ARCHIVE', []],
      ]),
    )
  })
})

it('macros of the component are its own, those of others are not', () => {
  const { defines } = evaluate(
    'target_compile_definitions(${COMPONENT_LIB} PRIVATE "A=1" -DB)\ntarget_compile_definitions(${other} PRIVATE C)',
    folder,
    VARIABLES,
  )
  expect(defines).toEqual(['A=1', 'B'])
})

describe('what is not understood', () => {
  it('is told where something depends on it', () => {
    expect(() => sources('string(REPLACE a b srcs ${names})')).toThrow('srcs depends on string(…) in line 1')
    expect(() => sources('\nmine(srcs)\n')).toThrow('srcs depends on mine(…) in line 2')
    expect(() => sources('if(TARGET idf::other)\nendif()')).toThrow('line 1: if(TARGET idf::other)')
    expect(() => sources('if(1)\nset(srcs a.c)')).toThrow('if( without endif()')
  })

  it('is passed over where nothing does', () => {
    expect(
      sources(`
        include($ENV{IDF_PATH}/tools/cmake/project.cmake)
        mine(other)
        function(mine a)
          set(srcs never.c)
        endfunction()
        message(STATUS srcs)
        idf_component_get_property(lib driver COMPONENT_LIB)
        set(srcs a.c)`),
    ).toEqual(['a.c'])
  })
})

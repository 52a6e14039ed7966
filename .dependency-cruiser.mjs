/**
 * The layers of the core, lowest first. A room may import itself and the rooms named in its list, nothing else.
 * Tests beside the sources may also use the test tools and the host.
 */
export const rooms = {
  base: [],
  ir: ['base'],
  guest: ['base', 'ir'],
  wasm: ['base', 'ir'],
  engine: ['base', 'ir', 'guest', 'wasm'],
  linux: ['base', 'ir', 'guest', 'wasm', 'engine'],
  symbols: ['base', 'linux'],
  trace: ['base', 'ir', 'guest', 'wasm', 'engine', 'linux', 'symbols'],
  record: ['base', 'ir', 'guest', 'wasm', 'engine', 'linux', 'symbols', 'trace'],
  plugin: ['base', 'ir', 'guest', 'wasm', 'engine', 'linux', 'symbols', 'trace', 'record'],
  debug: ['base', 'ir', 'guest', 'engine', 'linux', 'trace', 'record'],
};

const test = '\\.test\\.ts$';

export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `layer-${room}`,
      comment: `core/src/${room} may import ${[room, ...allowed].join(', ')} only`,
      severity: 'error',
      from: { path: `^packages/core/src/${room}/`, pathNot: test },
      to: { path: '^packages/core/src/', pathNot: `^packages/core/src/(${[room, ...allowed].join('|')})/` },
    })),
    {
      name: 'core-unknown-room',
      comment: 'every folder of the core is a room with its layer',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: [test, '^packages/core/src/[^/]+$', `^packages/core/src/(${Object.keys(rooms).join('|')})/`] },
      to: {},
    },
    {
      name: 'core-stands-alone',
      comment: 'the core has no dependency and uses nothing of its host',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: test },
      to: { pathNot: '^packages/core/src/' },
    },
    {
      name: 'cli-through-exports',
      comment: "the command line uses the core's package exports only",
      severity: 'error',
      from: { path: '^packages/cli/' },
      to: { path: '^packages/core/src/', pathNot: '^packages/core/src/index\\.ts$' },
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      from: { path: '^packages/', pathNot: test },
      to: { path: ['^tests/', '^bench/', test] },
    },
    {
      name: 'no-circular',
      comment: 'files of one folder may need each other (functions that recurse); folders may not',
      severity: 'error',
      from: { path: '^(.+)/[^/]+$' },
      to: { circular: true, pathNot: '^$1/[^/]+$', viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};

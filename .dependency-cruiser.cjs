/** Who may import whom: the package diagram of docs/architecture.md as rules that fail the build. */
const within = (name) => `^packages/${name}/`;
const only = (name, allowed) => ({
  name: `${name}-imports`,
  comment: `${name} may import ${allowed.length ? allowed.join(', ') : 'no package of ours'}.`,
  severity: 'error',
  from: { path: within(name) },
  to: { path: '^packages/', pathNot: [name, ...allowed].map((package_) => within(package_)) },
});

module.exports = {
  forbidden: [
    only('model', []),
    only('privacy', []),
    only('protocol', ['privacy']),
    only('client', ['protocol', 'privacy', 'model']),
    only('coordinator', ['protocol', 'privacy', 'model']),
    only('simulator', ['client', 'coordinator', 'protocol', 'privacy', 'model']),
    {
      name: 'protocol-knows-only-messages',
      comment: 'protocol takes frames and hashes from privacy, and nothing else of it.',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/privacy/src/', pathNot: '^packages/privacy/src/(bytes|hash)/' },
    },
    {
      name: 'portable-packages-have-no-node-import',
      comment: 'What a page loads must not import Node. File access stands behind the Node entries.',
      severity: 'error',
      from: {
        path: '^packages/(model|privacy|protocol|client)/src/',
        pathNot: [
          '\\.(test|cases)\\.tsx?$',
          '^packages/model/src/data/',
          '^packages/model/src/encoder/(node\\.ts|folder/)',
          '^packages/client/src/(node\\.ts|storage/file)',
          '^packages/client/src/testing/',
        ],
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'tensorflow-stands-behind-its-entry',
      comment: 'Only the tfjs backend and the encoders import TensorFlow.js, so that nothing else pulls it in.',
      severity: 'error',
      from: {
        pathNot: [
          '^packages/model/src/(tfjs|encoder)/',
          '^packages/model/(bench|scripts)/',
          '\\.(test|cases)\\.tsx?$',
          '^node_modules',
        ],
      },
      to: { path: '@tensorflow/' },
    },
    {
      name: 'encoders-stand-behind-their-entry',
      comment: 'The rest of the model sees encodings, never an encoder.',
      severity: 'error',
      from: { path: '^packages/model/src/', pathNot: ['^packages/model/src/encoder/', '\\.(test|cases)\\.tsx?$'] },
      to: { path: '^packages/model/src/encoder/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unlisted-dependency',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '\\.(test|cases)\\.tsx?$' },
      // A workspace package resolves to its source, whose kind of dependency cannot be told; an optional peer is taken for both.
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined', 'unknown'],
        dependencyTypesNot: ['npm-peer'],
        pathNot: '^packages/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};

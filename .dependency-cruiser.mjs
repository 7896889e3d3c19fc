/** Which way imports go (docs/architecture.md). Each rule says why in its comment; `./etabli test imports` holds them. */

const test = '\\.(test|spec)\\.ts$';
const site = '^src/(browser|components|content|pages|plugins|site|styles|assets)/';
/** Files of the command line that run before npm's packages are installed. */
const bare =
	'^(src/shared/nearest|sandbox-server/(cli/(main|arguments|commands|help|early|interrupt|server-mark|doctor|asker)|setup/(failure|progress|run|stamps|paths|processes|preflight|packages|sources|version|dependencies|fuse|kernel-limits|apparmor|doctor/.+)|options))\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: [
		{
			name: 'no-cycles',
			comment: 'Two files that need each other are one file, or lack a third.',
			severity: 'error',
			from: {},
			to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
		},
		{
			name: 'site-not-to-server',
			comment: 'The site is built, and the browser runs, without the server’s code.',
			severity: 'error',
			from: { path: '^src/' },
			to: { path: '^sandbox-server/' },
		},
		{
			name: 'server-not-to-site',
			comment: 'The server shares only src/shared and src/courses with the site.',
			severity: 'error',
			from: { path: '^sandbox-server/' },
			to: { path: site },
		},
		{
			name: 'shared-runs-everywhere',
			comment: 'src/shared runs in browsers and in Node: no module of Node.',
			severity: 'error',
			from: { path: '^src/shared/', pathNot: test },
			to: { dependencyTypes: ['core'] },
		},
		{
			name: 'shared-stands-alone',
			comment: 'src/shared is what everything else stands on.',
			severity: 'error',
			from: { path: '^src/shared/' },
			to: { path: '^(src/(?!shared/)|sandbox-server/|tests/)' },
		},
		{
			name: 'browser-without-node',
			comment: 'Browsers have no module of Node.',
			severity: 'error',
			from: { path: '^src/browser/', pathNot: test },
			to: { dependencyTypes: ['core'] },
		},
		{
			name: 'courses-only-to-shared',
			comment: 'src/courses is used by the site’s build and by the server alike.',
			severity: 'error',
			from: { path: '^src/courses/', pathNot: test },
			to: { path: '^(src/(?!shared/|courses/)|sandbox-server/)' },
		},
		{
			name: 'engines-at-the-bottom',
			comment: 'An engine knows nothing of learners, pages or set-up.',
			severity: 'error',
			from: { path: '^sandbox-server/engines/', pathNot: test },
			to: { path: '^sandbox-server/(?!engines/)' },
		},
		{
			name: 'holder-and-terminals-at-the-bottom',
			comment: 'Talking to a holder and reading shell marks need nothing of the rest.',
			severity: 'error',
			from: { path: '^sandbox-server/(holder|terminals|store)/', pathNot: test },
			to: { path: '^sandbox-server/(http|live|sandboxes|checks|registry|engines|setup|cli|app|main)' },
		},
		{
			name: 'nothing-to-http-and-cli',
			comment: 'What is reached by HTTP or the command line does not reach back.',
			severity: 'error',
			from: { path: '^sandbox-server/(sandboxes|checks|live|registry|setup)/', pathNot: test },
			to: { path: '^sandbox-server/(cli|app\\.ts|main\\.ts)' },
		},
		{
			name: 'before-npm',
			comment: 'These run before npm’s packages are there: they import none, and only each other. Later parts are imported dynamically.',
			severity: 'error',
			from: { path: bare },
			to: { pathNot: [bare], dependencyTypesNot: ['core', 'dynamic-import', 'type-only'] },
		},
		{
			name: 'no-tests-in-products',
			comment: 'Nothing that ships imports a test.',
			severity: 'error',
			from: { path: '^(src|sandbox-server)/', pathNot: test },
			to: { path: `${test}|^tests/` },
		},
		{
			name: 'declared-packages-only',
			comment: 'A package that package.json does not name may be gone tomorrow.',
			severity: 'error',
			from: { path: '^(src|sandbox-server)/' },
			to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
		},
		{
			name: 'no-development-packages-in-products',
			comment: '`./etabli up` installs without development packages.',
			severity: 'error',
			from: { path: '^(src|sandbox-server)/', pathNot: [test, '^sandbox-server/testing/', '\\.d\\.ts$'] },
			to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: ['node_modules/@types/'] },
		},
		{
			name: 'resolvable',
			comment: 'An import that leads nowhere.',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true, pathNot: ['^virtual:', '^astro:', '^node:sqlite$', '^node:test'] },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '^(\\.etabli|dist)/' },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
	},
};

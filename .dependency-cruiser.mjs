/** Which way imports go (docs/architecture.md). Each rule says why in its comment; `./etabli test imports` holds them. */

const test = '\\.(test|spec)\\.ts$';
const site = '^src/(browser|components|content|pages|plugins|site|styles|assets)/';
/** Files of the command line that run before npm's packages are installed. */
const bare =
	'^(src/shared/(nearest|visible|control-sequences|course/oci-runtimes)|sandbox-server/(cli/(main|arguments|commands|help|early|interrupt|server-mark|doctor|asker)|platform/start-time|runtimes/(id-range|oci/(choice|command)|rootless/choice|kubernetes/choice)|setup/(failure|progress|run|stamps|paths|processes|preflight|packages|sources|version|dependencies|fuse|kernel-limits|apparmor|doctor/.+)|options))\\.ts$';

/**
 * The server's folders, upper before lower: a folder imports only folders of later lines (docs/architecture.md). Folders of one line do not
 * import each other, but those of the first line do: they are one program, the command line. What a lower folder needs of an upper one
 * comes in as a port: an interface that stands in the lower folder.
 */
export const layers = [
	['tools/rehearsal', 'tools/benchmarks', 'tools/comparison', 'tools/authoring', 'tools/transfer', 'tools/testing', 'cli', 'setup'],
	['app.ts'],
	['http', 'live'],
	[
		'rooms',
		'progress',
		'lti',
		'grading',
		'files',
		'previews',
		'registry',
		'observability/events',
		'observability/metrics',
		'observability/control',
	],
	['labs'],
	['homes'],
	['transcripts'],
	['sandboxes'],
	['auth'],
	['agent'],
	['node-agent'],
	['runtimes'],
	['images'],
	['store'],
	['observability/log'],
	['platform'],
];

/** Folders of layers → a pattern of what lies in them. */
const inside = (folders) =>
	`^sandbox-server/(${folders.map((folder) => (folder.endsWith('.ts') ? `${folder}$` : `${folder}/`)).join('|')})`;

/** What no folder may import: those of the lines above it, and its neighbours. */
const layerRules = layers
	.slice(1)
	.flatMap((line, index) =>
		line.map((folder) => ({ folder, others: [...layers.slice(0, index + 1).flat(), ...line.filter((other) => other !== folder)] })),
	);

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
			from: { path: '^src/shared/', pathNot: test },
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
		...layerRules.map(({ folder, others }) => ({
			name: `layer-${folder}`,
			comment: `${folder} imports only what stands in later lines of \`layers\`, at the top of .dependency-cruiser.mjs.`,
			severity: 'error',
			from: { path: inside([folder]), pathNot: [test, '/stand-ins\\.ts$'] },
			to: { path: inside(others) },
		})),
		{
			name: 'dockerode-stays-with-docker',
			comment: 'Docker’s client, and its types, stay behind Runtime and ImageStore: what else there is knows no engine.',
			severity: 'error',
			from: { path: '^(src|sandbox-server|tests)/', pathNot: '^sandbox-server/(runtimes|images)/docker/' },
			to: { path: 'node_modules/(@types/)?dockerode/' },
		},
		{
			name: 'kubernetes-client-stays',
			comment: 'The client of Kubernetes is large: it is loaded with that engine alone, and its types stay behind Runtime.',
			severity: 'error',
			from: { path: '^(src|sandbox-server|tests)/', pathNot: '^sandbox-server/runtimes/kubernetes/' },
			to: { path: 'node_modules/@kubernetes/' },
		},
		{
			name: 'kubernetes-client-late',
			comment: 'As above: what a server of Docker imports must not bring it in.',
			severity: 'error',
			from: { path: '^sandbox-server/' },
			to: { path: 'node_modules/@kubernetes/', dependencyTypesNot: ['dynamic-import', 'type-only'] },
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
			from: { path: '^(src|sandbox-server)/', pathNot: [test, '/stand-ins\\.ts$'] },
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
			from: { path: '^(src|sandbox-server)/', pathNot: [test, '^sandbox-server/tools/testing/', '\\.d\\.ts$'] },
			to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: ['node_modules/@types/'] },
		},
		{
			name: 'resolvable',
			comment: 'An import that leads nowhere. Of a sheet that is read as text, the site’s build says so.',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true, pathNot: ['^virtual:', '^astro:', '^node:sqlite$', '^node:test', '\\.css\\?inline$'] },
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

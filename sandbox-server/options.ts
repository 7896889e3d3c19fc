/**
 * The options of `etabli up`, as a plain table. It imports nothing, because the command line is parsed and `--help` printed before
 * node_modules exists; config.ts validates the values afterwards.
 */

export interface Option {
	/** Key in etabli.yaml and in `ServerConfig`. */
	name: OptionName;
	/** On the command line, without its value. */
	flag: string;
	/** Environment variable. */
	env: string;
	/**
	 * boolean: the flag takes no value, and `--no-<flag>` says false; in the environment and the file: true or false. list: the flag can be
	 * repeated; in the environment ":" stands between the values; in the file it is one value, or a list.
	 */
	type: 'string' | 'number' | 'boolean' | 'list';
	/** What stands for the value in --help: "--data DIR". */
	value?: string;
	/** Used when no flag, variable or file says otherwise; undefined: left out, `defaultText` tells what happens then. */
	default?: string | number | boolean;
	defaultText?: string;
	/** One sentence. */
	description: string;
}

export type OptionName =
	| 'host'
	| 'port'
	| 'publicUrl'
	| 'previewUrl'
	| 'trustProxy'
	| 'accessCode'
	| 'sso'
	| 'data'
	| 'courses'
	| 'trust'
	| 'accessibility'
	| 'clusterProfile'
	| 'engine'
	| 'kubernetes'
	| 'maxSandboxes'
	| 'uids'
	| 'homeSize'
	| 'homeDays'
	| 'metricsPort'
	| 'metricsHost'
	| 'mirror'
	| 'keep'
	| 'yes';

/** As systemd and sssd leave them free, and as `useradd` does. */
export const defaultUids = '2100000000-2100065535';

export const options: readonly Option[] = [
	{
		name: 'host',
		flag: '--host',
		env: 'ETABLI_HOST',
		type: 'string',
		value: 'ADDRESS',
		default: '127.0.0.1',
		description: 'Address to listen on; 0.0.0.0 for every network of this machine.',
	},
	{ name: 'port', flag: '--port', env: 'ETABLI_PORT', type: 'number', value: 'N', default: 8080, description: 'Port to listen on.' },
	{
		name: 'publicUrl',
		flag: '--public-url',
		env: 'ETABLI_PUBLIC_URL',
		type: 'string',
		value: 'URL',
		defaultText: 'http://<host>:<port>',
		description: 'Address that learners type, when a reverse proxy with TLS stands in front: https://etabli.example.org.',
	},
	{
		name: 'previewUrl',
		flag: '--preview-url',
		env: 'ETABLI_PREVIEW_URL',
		type: 'string',
		value: 'URL',
		defaultText: 'below localhost, for browsers on this machine alone',
		description:
			'Where web pages of programs in sandboxes are shown, with a * for the name that each gets: https://*.pages.example.org (docs/operator/install.md).',
	},
	{
		name: 'trustProxy',
		flag: '--trust-proxy',
		env: 'ETABLI_TRUST_PROXY',
		type: 'string',
		value: 'ADDR[,…]',
		defaultText: 'this machine alone, with --public-url',
		description:
			'Addresses or networks (10.0.0.5,192.168.7.0/24) of reverse proxies on other machines, which tell where visitors come from.',
	},
	{
		name: 'accessCode',
		flag: '--access-code',
		env: 'ETABLI_ACCESS_CODE',
		type: 'string',
		value: 'CODE',
		defaultText: 'none is asked for',
		description: 'What learners type once, before they get a sandbox; lessons can be read without it.',
	},
	{
		name: 'sso',
		flag: '--sso',
		env: 'ETABLI_SSO',
		type: 'string',
		value: 'FILE',
		defaultText: 'trainers come in by links, learners without an account',
		description:
			'File of single sign-on by OpenID Connect: provider, client, who is a trainer, whether learners sign in (docs/operator/sign-in.md).',
	},
	{
		name: 'data',
		flag: '--data',
		env: 'ETABLI_DATA',
		type: 'string',
		value: 'DIR',
		default: '.etabli',
		description: "Folder of everything that is kept: progress, built images' stamps, built site, registry.",
	},
	{
		name: 'courses',
		flag: '--courses',
		env: 'ETABLI_COURSES',
		type: 'list',
		value: 'DIR',
		default: 'courses',
		description: 'Folder of courses, or one course: a folder with a course.yaml. Can be given several times.',
	},
	{
		name: 'trust',
		flag: '--trust',
		env: 'ETABLI_TRUST',
		type: 'list',
		value: 'DIR',
		defaultText: 'courses in the checkout',
		description:
			"Folder of courses, or one course, whose Dockerfiles may use this machine's network while they are built. Can be given several times.",
	},
	{
		name: 'accessibility',
		flag: '--accessibility',
		env: 'ETABLI_ACCESSIBILITY',
		type: 'string',
		value: 'FILE',
		defaultText: 'a statement that the site has not been audited',
		description:
			'File of the statement of accessibility: who answers for the site, and what an audit found (docs/operator/accessibility.md).',
	},
	{
		name: 'clusterProfile',
		flag: '--cluster-profile',
		env: 'ETABLI_CLUSTER_PROFILE',
		type: 'string',
		value: 'FILE',
		defaultText: 'placeholders',
		description:
			'File of the names of your own cluster that lessons show and check: partitions, account, folders (docs/operator/cluster-profile.md).',
	},
	{
		name: 'engine',
		flag: '--engine',
		env: 'ETABLI_ENGINE',
		type: 'string',
		value: 'URL',
		defaultText: "DOCKER_HOST, then Docker's, then Podman's socket",
		description:
			'Container engine: unix:///run/docker.sock or tcp://host:port; "oci" starts sandboxes by runc or crun itself, with images of the engine that is there (needs root); "rootless" starts them without root and without an engine; "kubernetes", or "kubernetes:CONTEXT", makes them pods of a cluster (--kubernetes); "none" serves the lessons for reading only.',
	},
	{
		name: 'kubernetes',
		flag: '--kubernetes',
		env: 'ETABLI_KUBERNETES',
		type: 'string',
		value: 'FILE',
		defaultText: 'none; needed with --engine kubernetes',
		description: 'File that says what the cluster has for sandboxes: namespace, images, node agents (docs/operator/kubernetes.md).',
	},
	{
		name: 'maxSandboxes',
		flag: '--max-sandboxes',
		env: 'ETABLI_MAX_SANDBOXES',
		type: 'number',
		value: 'N',
		defaultText: "what the engine's memory allows, each counted with a quarter of its course's limit",
		description: 'How many sandboxes may run at once, those kept ready included.',
	},
	{
		name: 'uids',
		flag: '--uids',
		env: 'ETABLI_UIDS',
		type: 'string',
		value: 'FIRST-LAST',
		default: defaultUids,
		description: 'Numbers (uid and gid) of which each sandbox has one to itself; nothing else on this machine may use them.',
	},
	{
		name: 'homeSize',
		flag: '--home-size',
		env: 'ETABLI_HOME_SIZE',
		type: 'number',
		value: 'MIB',
		default: 64,
		description: "MiB, compressed, of a learner's files of one course that go from one sandbox to the next; 0: none do.",
	},
	{
		name: 'homeDays',
		flag: '--home-days',
		env: 'ETABLI_HOME_DAYS',
		type: 'number',
		value: 'N',
		default: 30,
		description: 'Days after which kept files that nobody came back to are removed.',
	},
	{
		name: 'metricsPort',
		flag: '--metrics-port',
		env: 'ETABLI_METRICS_PORT',
		type: 'number',
		value: 'N',
		defaultText: 'no metrics',
		description: 'Port at which Prometheus finds /metrics.',
	},
	{
		name: 'metricsHost',
		flag: '--metrics-host',
		env: 'ETABLI_METRICS_HOST',
		type: 'string',
		value: 'ADDRESS',
		default: '127.0.0.1',
		description: 'Address of that port; on another one than this machine’s own, a firewall says who may read them.',
	},
	{
		name: 'mirror',
		flag: '--mirror',
		env: 'ETABLI_MIRROR',
		type: 'string',
		value: 'URL',
		defaultText: "this machine's own",
		description: "Debian mirror from which the learners' machine is built.",
	},
	{
		name: 'keep',
		flag: '--keep',
		env: 'ETABLI_KEEP',
		type: 'boolean',
		default: false,
		description: 'Leave sandboxes running when the server stops; the next start finds them again.',
	},
	{
		name: 'yes',
		flag: '--yes',
		env: 'ETABLI_YES',
		type: 'boolean',
		default: false,
		description: 'Answer yes to every question, such as installing packages.',
	},
];

/** The configuration file itself: --config FILE, or ETABLI_CONFIG; etabli.yaml in the current folder when it is there. */
export const configFileOption = {
	flag: '--config',
	env: 'ETABLI_CONFIG',
	value: 'FILE',
	default: 'etabli.yaml',
	description: 'Configuration file; every option above can stand in it. Commented example: docs/operator/etabli.example.yaml.',
} as const;

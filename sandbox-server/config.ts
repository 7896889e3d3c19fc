/** The server's configuration: flag, else environment variable, else file, else default; all mistakes are told in one run. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { pathsFromText } from '../src/courses/folders.ts';
import { nearest } from '../src/shared/nearest.ts';
import { configFileOption, defaultUids, type Option, type OptionName, options } from './options.ts';
import { parseIdRange } from './runtimes/id-range.ts';

function isOrigin(text: string): boolean {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	return !!url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash && !url.username && !url.password;
}

/** "https://*.pages.example.org": one * as the first name of the host, and something after it. */
function isWildcard(text: string): boolean {
	return /^https?:\/\/\*\.[^*]+$/.test(text) && isOrigin(text.replace('*', 'x')) && isIP(new URL(text.replace('*.', '')).hostname) === 0;
}

/** "10.0.0.5", "192.168.7.0/24", "fd00::/8". */
function isNetwork(text: string): boolean {
	const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
	const kind = isIP(address);
	// All of the internet is nobody that could be trusted.
	return kind !== 0 && (bits === undefined || (Number(bits) > 0 && Number(bits) <= (kind === 4 ? 32 : 128)));
}

/** Each description says what is expected: it is shown when a value is not that. */
export const serverConfigSchema = z.strictObject({
	host: z
		.string()
		.regex(/^[\w.:-]+$/)
		.describe('an address or name of this machine'),
	port: z.number().int().min(0).max(65_535).describe('a whole number from 1 to 65535, or 0 for any free port'),
	publicUrl: z
		.string()
		.refine(isOrigin)
		.transform((text) => new URL(text).origin)
		.optional()
		.describe('an address with http:// or https://, and no path'),
	previewUrl: z
		.string()
		.refine(isWildcard)
		.transform((text) => new URL(text).origin)
		.optional()
		.describe('an address with http:// or https://, a * as the first part of its name, and no path'),
	trustProxy: z
		.string()
		.refine((text) => text.split(',').every((part) => isNetwork(part.trim())))
		.optional()
		.describe('addresses or networks in numbers, with commas between them'),
	accessCode: z
		.string()
		.regex(/^[\w.-]{6,64}$/)
		.optional()
		.describe('6 to 64 letters, digits, ".", "-" or "_" (in quotes in the file when there are only digits)'),
	sso: z.string().min(1).optional().describe('a file'),
	data: z.string().min(1).describe('a folder'),
	courses: z.array(z.string().min(1)).min(1).readonly().describe('a folder, or several'),
	trust: z.array(z.string().min(1)).readonly().describe('a folder, or several'),
	accessibility: z.string().min(1).optional().describe('a file'),
	clusterProfile: z.string().min(1).optional().describe('a file'),
	engine: z
		.string()
		.regex(/^(none|oci|rootless|kubernetes(:\S+)?|unix:\/\/\/.+|(tcp|https?):\/\/[^/]+\/?)$/)
		.optional()
		.describe('unix:///path/of/socket, tcp://host:port, oci, rootless, kubernetes, kubernetes:CONTEXT, or none'),
	kubernetes: z.string().min(1).optional().describe('a file'),
	maxSandboxes: z.number().int().min(1).max(10_000).optional().describe('a whole number from 1 to 10000'),
	uids: z
		.string()
		.refine((text) => parseIdRange(text) !== undefined)
		.describe('two whole numbers from 1001 to 2147483646, the smaller first, with a hyphen between them'),
	homeSize: z.number().int().min(0).max(1024).describe('a whole number from 0 to 1024'),
	homeDays: z.number().int().min(1).max(3650).describe('a whole number from 1 to 3650'),
	metricsPort: z.number().int().min(0).max(65_535).optional().describe('a whole number from 1 to 65535, or 0 for any free port'),
	metricsHost: z
		.string()
		.refine((text) => isIP(text) !== 0)
		.describe('an address in numbers'),
	mirror: z
		.string()
		.regex(/^(https?|file):\/\/\S+$/)
		.optional()
		.describe('an address with http://, https:// or file://'),
	keep: z.boolean().describe('true or false'),
	yes: z.boolean().describe('true or false'),
});
/** Every option is there; undefined where nothing was said and there is no default. */
export type ServerConfig = { [Name in OptionName]: z.infer<typeof serverConfigSchema>[Name] };

const examples: Record<OptionName, string> = {
	host: '127.0.0.1',
	port: '8080',
	publicUrl: 'https://etabli.example.org',
	previewUrl: 'https://*.pages.example.org',
	trustProxy: '10.0.0.5,192.168.7.0/24',
	accessCode: 'blue-otter-42',
	sso: 'sso.yaml',
	data: '.etabli',
	courses: 'courses',
	trust: '/srv/courses/cours-mpi',
	accessibility: 'accessibility.yaml',
	clusterProfile: 'cluster.yaml',
	engine: 'unix:///run/docker.sock',
	kubernetes: 'kubernetes.yaml',
	maxSandboxes: '20',
	uids: defaultUids,
	homeSize: '64',
	homeDays: '30',
	metricsPort: '9464',
	metricsHost: '127.0.0.1',
	mirror: 'http://mirror.example.org/debian',
	keep: 'true',
	yes: 'true',
};

/** One mistake in the configuration. */
export interface ConfigProblem {
	/** "--port", "ETABLI_PORT" or "etabli.yaml:3". */
	where: string;
	expected: string;
	received: string;
	/** What to write instead. */
	write: string;
}

/** Everything that is wrong with the configuration; the message is for the operator, with no need of a stack trace. */
export class ConfigError extends Error {
	override readonly name = 'ConfigError';
	readonly problems: readonly ConfigProblem[];
	constructor(problems: readonly ConfigProblem[]) {
		super(problems.map((p) => `${p.where}: expected ${p.expected}; received ${p.received}.\n  → Write: ${p.write}`).join('\n'));
		this.problems = problems;
	}
}

export type RawValue = string | number | boolean | readonly string[];

export interface ConfigSources {
	/** As parsed from the command line, by option name; `config` is the configuration file. Text is converted here. */
	flags?: Partial<Record<OptionName | 'config', RawValue>>;
	env?: Readonly<Record<string, string | undefined>>;
	/** Folder that relative paths of flags and variables start from. */
	cwd: string;
	/** The checkout: relative paths of defaults start here. */
	root: string;
}

interface Found {
	value: unknown;
	where: string;
	/** How to write a value in this place. */
	write: (value: string) => string;
	/** What relative paths start from. */
	base: string;
}

/**
 * Reads all sources and validates; `data` and everything else that names a file or a folder comes back absolute.
 * @throws ConfigError with every problem at once
 */
export function readConfig(sources: ConfigSources): ServerConfig {
	const problems: ConfigProblem[] = [];
	const { flags = {}, env = {}, cwd, root } = sources;
	const file = readFile(sources, problems);
	const values: Record<string, unknown> = {};
	for (const option of options) {
		const found = find(option, { flags, env, cwd, root, file });
		const schema = serverConfigSchema.shape[option.name];
		const result = schema.safeParse(found.value);
		if (!result.success) {
			problems.push({
				where: found.where,
				expected: schema.description ?? option.type,
				received: show(found.value),
				write: found.write(examples[option.name]),
			});
		} else {
			const absolute = (path: unknown): string => resolve(found.base, String(path));
			if (option.name === 'data') values['data'] = absolute(result.data);
			else if (option.name === 'courses' || option.name === 'trust') values[option.name] = [...new Set([result.data].flat().map(absolute))];
			else if (['accessibility', 'clusterProfile', 'sso', 'kubernetes'].includes(option.name))
				values[option.name] = result.data === undefined ? undefined : absolute(result.data);
			else values[option.name] = result.data;
		}
	}
	if (problems.length > 0) throw new ConfigError(problems);
	return values as ServerConfig;
}

type File = Map<OptionName, Found>;

function find(option: Option, { flags, env, cwd, root, file }: Required<ConfigSources> & { file: File }): Found {
	const flag = flags[option.name];
	if (flag !== undefined) {
		const write = (value: string) => (option.type === 'boolean' ? option.flag : `${option.flag} ${value}`);
		return { value: convert(option, flag), where: option.flag, write, base: cwd };
	}
	const variable = env[option.env];
	// An empty variable counts as not set: that is how a variable is switched off in many tools' files.
	if (variable !== undefined && variable !== '') {
		const value = option.type === 'list' ? list(variable, cwd) : convert(option, variable);
		return { value, where: option.env, write: (value) => `${option.env}=${value}`, base: cwd };
	}
	const fallback = option.type === 'list' ? [option.default].filter((value) => value !== undefined) : option.default;
	return file.get(option.name) ?? { value: fallback, where: option.flag, write: (value) => `${option.flag} ${value}`, base: root };
}

/** Text of a flag or variable → the option's type; what cannot be converted stays as it is, for the schema to refuse. */
function convert(option: Option, value: RawValue): RawValue {
	if (option.type === 'list' && typeof value === 'string') return [value];
	if (typeof value !== 'string') return value;
	const text = value.trim();
	if (option.type === 'number') return /^-?\d+$/.test(text) ? Number(text) : value;
	if (option.type === 'boolean') {
		if (/^(true|yes|1)$/i.test(text)) return true;
		if (/^(false|no|0)$/i.test(text)) return false;
	}
	return text;
}

/** What cannot be read stays as it is, for the schema to refuse. */
function list(text: string, base: string): unknown {
	try {
		return pathsFromText(text, base);
	} catch {
		return text;
	}
}

function readFile({ flags = {}, env = {}, cwd }: ConfigSources, problems: ConfigProblem[]): File {
	const [given, where] =
		flags.config !== undefined
			? [String(flags.config), configFileOption.flag]
			: [env[configFileOption.env] || undefined, configFileOption.env];
	const name = given ?? configFileOption.default;
	const path = resolve(cwd, name);
	const found: File = new Map();
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		const code = (error as NodeJS.ErrnoException).code ?? String(error);
		if (given === undefined && code === 'ENOENT') return found;
		problems.push({
			where: given === undefined ? name : where,
			expected: 'a configuration file that can be read',
			received: `${path} (${code})`,
			write: `${configFileOption.flag} ${configFileOption.default}`,
		});
		return found;
	}
	const counter = new LineCounter();
	const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
	const at = (position: number) => `${name}:${counter.linePos(position).line}`;
	for (const error of document.errors) {
		problems.push({ where: at(error.pos[0]), expected: 'YAML', received: error.message, write: 'a line such as "port: 8080"' });
	}
	if (document.errors.length > 0 || document.contents === null) return found;
	if (!isMap(document.contents)) {
		problems.push({ where: `${name}:1`, expected: 'a line per option', received: 'something else', write: 'a line such as "port: 8080"' });
		return found;
	}
	for (const { key, value } of document.contents.items) {
		const line = at(isScalar(key) && key.range ? key.range[0] : 0);
		const option = options.find((candidate) => isScalar(key) && candidate.name === key.value);
		if (!option) {
			const names = options.map((candidate) => candidate.name);
			const meant = nearest(String(key), names);
			problems.push({
				where: line,
				expected: `one of ${names.join(', ')}`,
				received: show(String(key)),
				write: meant ? `${meant}: ${examples[meant as OptionName]}` : 'one of these, or remove the line',
			});
			continue;
		}
		let plain: unknown = isScalar(value) ? value.value : value;
		if (plain === null) continue;
		if (option.type === 'list') plain = isSeq(value) ? value.toJSON() : [plain];
		found.set(option.name, {
			value: plain,
			where: line,
			write: (example) => `${option.name}: ${example}`,
			base: dirname(path),
		});
	}
	return found;
}

function show(value: unknown): string {
	if (value === undefined) return 'nothing';
	return typeof value === 'object' ? 'a list or a group of values' : JSON.stringify(value);
}

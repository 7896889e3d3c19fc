/**
 * The names of a real cluster, as the operator gives them in one file (`--cluster-profile`): partitions, account, folders … Lessons say
 * `{{cluster.partition}}`, their scripts `$CLUSTER_PARTITION`. Where nothing is said, a placeholder stands there.
 *
 * Values are text. What they may hold is bounded here, so that none is markup in a page, and none is more than a word of a shell between
 * quotes, in a comment or in a here-document; `wordOfShell` quotes those that stand elsewhere.
 */
import { z } from 'zod';
import { isQuotedAfter } from './split-commands.ts';

/** So many characters at most: they stand in a line of text, and of code. */
const longest = 120;
const longestList = 10;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const markup = /[<>{}`\\"]/;

/** One line of plain text. @param rule what more it has to be; @param shape that, in words */
function text(rule: RegExp, shape: string) {
	return z.string().superRefine((value, context) => {
		const refuse = (message: string, remedy: string) => context.addIssue({ code: 'custom', message, params: { remedy } });
		const sign = markup.exec(value)?.[0];
		if (value.trim() === '') refuse('there is nothing in it', 'Write the name, or remove the line: then the lessons show a placeholder.');
		else if (value.length > longest) refuse(`it has ${value.length} characters; ${longest} are the most`, 'Write it shorter.');
		else if (control.test(value)) refuse('it holds a line break or a control character', 'Write it on one line, with nothing but text.');
		else if (sign)
			refuse(`it holds ${sign}, a sign of markup or of a shell`, `Write plain text, without ${sign}: it is shown as it stands.`);
		else if (!rule.test(value)) refuse(`"${value}" is not ${shape}`, `Write ${shape}.`);
	});
}

const word = text(/^[A-Za-z0-9][\w.+@-]*$/, 'one word of letters, digits and . _ + @ -, as Slurm knows it');
const host = text(/^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/, 'the name of a machine, such as login.example.org');
const moduleName = text(/^[A-Za-z0-9][\w.+/-]*$/, 'the name of a module, such as apptainer/1.4');
const path = text(
	/^(?:\/|\$[A-Z])(?:[\w./+@,-]|\$[A-Z])*$/,
	'a path from /, or from a variable of the cluster such as $SCRATCH, of letters, digits and . _ + @ , -',
);
const page = text(/^https?:\/\/[^\s'$]+$/, 'an address with http:// or https://');
const proxy = text(/^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/?$/, 'http://name:port, without a user or a password: everybody can read it');
const helpdesk = text(/^(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?:\/\/[^\s'$]+)$/, 'an address of mail, or one with https://');
const name = text(/^[^$]*$/, 'a name without $').transform((value) => value.trim().replaceAll("'", '’'));

const several = <S extends z.ZodType<string>>(one: S) =>
	z.preprocess((value) => (Array.isArray(value) || value === undefined ? value : [value]), z.array(one).min(1).max(longestList));

/** The file. Each key is a name that lessons use, after `cluster.`. */
export const clusterProfileSchema = z
	.strictObject({
		name: name.describe('what people call the cluster'),
		login: host.optional().describe('the machine that one logs in to'),
		partition: word.optional().describe('the partition for ordinary jobs'),
		partition_gpu: word.optional().describe('the partition of nodes with GPUs'),
		partition_short: word.optional().describe('the partition for short jobs and for trying things'),
		account: word.optional().describe('the account (project) that hours are charged to'),
		modules: several(moduleName).optional().describe('modules that a job loads'),
		scratch: path.optional().describe('folder for data that a job passes on, not backed up'),
		work: path.optional().describe('folder for data of a project'),
		home: path.optional().describe('home folder'),
		proxy: proxy.optional().describe('proxy by which one reaches the web'),
		container_module: moduleName.optional().describe('module that brings Apptainer'),
		container_bind: several(path).optional().describe('folders that containers are given'),
		documentation: page.optional().describe('page of its documentation'),
		support: helpdesk.optional().describe('where one asks for help'),
	})
	.describe('names of a cluster');
export type ClusterProfile = z.output<typeof clusterProfileSchema>;
export type ClusterName = keyof ClusterProfile;

/** What stands in the place of a name that nobody has given: the same in all languages, as checks compare with it. */
const placeholders: Record<ClusterName, string> = {
	name: 'CLUSTER',
	login: 'login.cluster.example',
	partition: 'PARTITION',
	partition_gpu: 'PARTITION_GPU',
	partition_short: 'PARTITION_SHORT',
	account: 'ACCOUNT',
	modules: 'MODULE',
	scratch: '/SCRATCH',
	work: '/WORK',
	home: '/HOME',
	proxy: 'http://proxy.cluster.example:3128',
	container_module: 'MODULE_APPTAINER',
	container_bind: '/SCRATCH',
	documentation: 'https://cluster.example/doc',
	support: 'support@cluster.example',
};
export const clusterNames = Object.keys(placeholders) as ClusterName[];

const prefix = 'cluster.';
/** As lessons write them: "cluster.partition". */
export const clusterValueNames: readonly string[] = clusterNames.map((one) => `${prefix}${one}`);
export const isClusterValue = (written: string): boolean => written.startsWith(prefix);

/** What stands for one name in lessons. */
export interface ClusterValue {
	text: string;
	/** The operator has said so; otherwise it is a placeholder. */
	given: boolean;
}

/** @param written "cluster.partition"; @returns undefined: there is no such name */
export function clusterValue(written: string, profile: ClusterProfile | undefined): ClusterValue | undefined {
	const key = clusterNames.find((one) => `${prefix}${one}` === written);
	if (key === undefined) return undefined;
	const value = profile?.[key];
	if (value === undefined) return { text: placeholders[key], given: false };
	// Modules are words of a command, folders the value of one option.
	return { text: Array.isArray(value) ? value.join(key === 'modules' ? ' ' : ',') : value, given: true };
}

/** { "cluster.partition": "cpu", … }, placeholders included: as `fillValues` takes them. */
export function clusterValues(profile: ClusterProfile | undefined): Record<string, string> {
	return Object.fromEntries(clusterValueNames.map((written) => [written, clusterValue(written, profile)?.text ?? '']));
}

export const clusterVariable = (key: ClusterName): string => `CLUSTER_${key.toUpperCase()}`;
/** Variables that scripts of lessons find, and no shell of a learner. */
export const clusterVariables: readonly string[] = ['CLUSTER_PROFILE', ...clusterNames.map(clusterVariable)];

/** For the environment of setups, checks and resets. CLUSTER_PROFILE has the names that are given: "name partition". */
export function clusterProfileEnv(profile: ClusterProfile | undefined): Record<string, string> {
	const names = clusterNames.map((key) => [clusterVariable(key), clusterValue(`${prefix}${key}`, profile)?.text ?? '']);
	const given = clusterNames.filter((key) => profile?.[key] !== undefined);
	return { CLUSTER_PROFILE: given.join(' '), ...Object.fromEntries(names) };
}

/**
 * A value as it stands in code of a shell: quoted where a shell would make more of it than one word. Modules stay several words.
 * @param before the code up to it
 */
export function wordOfShell(written: string, value: string, before: string): string {
	if (/^[\w@%+=:,./-]*$/.test(value) || written === `${prefix}modules` || isQuotedAfter(before)) return value;
	// A folder may begin with a variable of the cluster; nothing else holds a $.
	return value.includes('$') ? `"${value}"` : `'${value}'`;
}

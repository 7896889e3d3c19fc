/**
 * A Dockerfile as far as courses use it: FROM, ARG, ENV, RUN, COPY, WORKDIR, USER, LABEL, CMD, ENTRYPOINT, EXPOSE, VOLUME, HEALTHCHECK. What
 * is not known is refused, never passed over.
 */

export type Instruction =
	| { kind: 'run'; command: string[]; text: string }
	| { kind: 'copy'; from: string | undefined; sources: string[]; to: string; mode: string | undefined }
	| { kind: 'arg'; name: string; value: string | undefined }
	| { kind: 'set'; what: 'env' | 'labels'; pairs: [string, string][] }
	| { kind: 'folder'; path: string }
	| { kind: 'user'; name: string }
	| { kind: 'list'; what: 'Cmd' | 'Entrypoint'; words: string[] }
	| { kind: 'mark'; what: 'ExposedPorts' | 'Volumes'; names: string[] }
	| { kind: 'health'; test: string[]; times: Record<string, string> };

export interface Stage {
	/** Lower case; '' when it has none. */
	name: string;
	/** An image's reference, the name of an earlier stage, or "scratch"; variables still in it. */
	base: string;
	/** As written, one after the other, variables still in them: they are known only when it is built. */
	lines: Line[];
}

export interface Line {
	word: string;
	rest: string;
	/** In the file, from 1. */
	number: number;
}

export interface Dockerfile {
	/** ARG before the first FROM. */
	args: { name: string; value: string | undefined }[];
	stages: Stage[];
}

const fail = (line: Pick<Line, 'number'>, text: string): never => {
	throw new Error(`line ${line.number} of the Dockerfile: ${text}`);
};

/** @throws Error naming the line */
export function parseDockerfile(text: string): Dockerfile {
	const file: Dockerfile = { args: [], stages: [] };
	for (const line of linesOf(text)) {
		const stage = file.stages.at(-1);
		if (line.word === 'FROM') {
			const [base = '', as, name = ''] = line.rest.split(/\s+/);
			if (base === '' || base.startsWith('--') || (as !== undefined && as.toUpperCase() !== 'AS'))
				fail(line, 'FROM IMAGE [AS NAME] is what is known here');
			file.stages.push({ name: name.toLowerCase(), base, lines: [] });
		} else if (stage) stage.lines.push(line);
		else if (line.word === 'ARG') file.args.push(argument(line.rest));
		else fail(line, `${line.word} before the first FROM`);
	}
	if (file.stages.length === 0) throw new Error('the Dockerfile has no FROM');
	return file;
}

/** Instructions on one line each: comments out, lines that go on joined. */
function linesOf(text: string): Line[] {
	const lines: Line[] = [];
	let open: { text: string; number: number } | undefined;
	for (const [at, raw] of text.split('\n').entries()) {
		if (/^\s*#/.test(raw) || (open === undefined && raw.trim() === '')) continue;
		const goesOn = /\\\s*$/.test(raw);
		const part = goesOn ? raw.replace(/\\\s*$/, '') : raw;
		open = { text: (open?.text ?? '') + part, number: open?.number ?? at + 1 };
		if (goesOn) continue;
		const [, word = '', rest = ''] = /^\s*(\S+)\s*([\s\S]*)$/.exec(open.text) ?? [];
		lines.push({ word: word.toUpperCase(), rest: rest.trim(), number: open.number });
		open = undefined;
	}
	if (open) throw new Error('the Dockerfile ends in the middle of an instruction');
	return lines;
}

function argument(rest: string): { name: string; value: string | undefined } {
	const equals = rest.indexOf('=');
	return equals < 0 ? { name: rest, value: undefined } : { name: rest.slice(0, equals), value: words(rest.slice(equals + 1)).join(' ') };
}

/** $NAME, ${NAME}, ${NAME:-otherwise}, ${NAME:+instead}; \$ is a dollar. What is not set is empty. Pure. */
export function withVariables(text: string, values: ReadonlyMap<string, string>): string {
	return text.replace(
		/\\\$|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
		(whole, plain?: string, name?: string, sign?: string, other = '') => {
			if (whole === '\\$') return '$';
			const value = values.get(plain ?? name ?? '') ?? '';
			if (sign === '-') return value === '' ? other : value;
			if (sign === '+') return value === '' ? '' : other;
			return value;
		},
	);
}

/** Words with quotes as a shell has them, without variables. */
function words(text: string): string[] {
	const found: string[] = [];
	for (const [word] of text.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g))
		found.push(
			word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, escaped?: string) =>
				double !== undefined ? double.replace(/\\(["\\$])/g, '$1') : (single ?? escaped ?? ''),
			),
		);
	return found;
}

/** ["a", "b"] as it is, a line by a shell. */
function command(rest: string): string[] {
	if (rest.startsWith('[')) {
		try {
			const list: unknown = JSON.parse(rest);
			if (Array.isArray(list) && list.every((word) => typeof word === 'string')) return list as string[];
		} catch {
			// A shell's own bracket, then.
		}
	}
	return ['/bin/sh', '-c', rest];
}

function pairs(line: Line): [string, string][] {
	const list = words(line.rest);
	if (list.length === 0 || !list[0]?.includes('=')) fail(line, `${line.word} NAME=value is what is known here`);
	return list.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
}

/** The line with the values that it has when it is built. @throws Error naming the line */
export function instruction(line: Line, values: ReadonlyMap<string, string>): Instruction {
	const filled = { ...line, rest: withVariables(line.rest, values) };
	switch (line.word) {
		case 'RUN':
			if (/^(--|<<)/.test(line.rest)) return fail(line, 'RUN with options or a text of several lines is not known here');
			// Its variables are the shell's.
			return { kind: 'run', command: command(line.rest), text: line.rest };
		case 'COPY':
			return copy(filled);
		case 'ARG':
			return { kind: 'arg', ...argument(filled.rest) };
		case 'ENV':
			return { kind: 'set', what: 'env', pairs: pairs(filled) };
		case 'LABEL':
			return { kind: 'set', what: 'labels', pairs: pairs(filled) };
		case 'WORKDIR':
			return { kind: 'folder', path: filled.rest };
		case 'USER':
			return { kind: 'user', name: filled.rest };
		case 'CMD':
			return { kind: 'list', what: 'Cmd', words: command(line.rest) };
		case 'ENTRYPOINT':
			return { kind: 'list', what: 'Entrypoint', words: command(line.rest) };
		case 'EXPOSE':
			return { kind: 'mark', what: 'ExposedPorts', names: words(filled.rest).map((port) => (port.includes('/') ? port : `${port}/tcp`)) };
		case 'VOLUME':
			return {
				kind: 'mark',
				what: 'Volumes',
				names: filled.rest.startsWith('[') ? (JSON.parse(filled.rest) as string[]) : words(filled.rest),
			};
		case 'HEALTHCHECK':
			return health(line);
		default:
			return fail(line, `${line.word} is not known here: build this course with Docker or Podman`);
	}
}

function copy(line: Line): Instruction {
	const list = words(line.rest);
	const options = new Map<string, string>();
	while (list[0]?.startsWith('--')) {
		const [name = '', value = ''] = (list.shift() ?? '').slice(2).split('=');
		if (!['from', 'chown', 'chmod'].includes(name)) fail(line, `COPY --${name} is not known here`);
		options.set(name, value);
	}
	const to = list.pop();
	if (to === undefined || list.length === 0) return fail(line, 'COPY FROM TO');
	// Who owns it cannot be kept by one who is not root: all of it is the one user's.
	return { kind: 'copy', from: options.get('from')?.toLowerCase(), sources: list, to, mode: options.get('chmod') };
}

function health(line: Line): Instruction {
	const list = line.rest.split(/\s+/);
	const times: Record<string, string> = {};
	while (list[0]?.startsWith('--')) {
		const [name = '', value = ''] = (list.shift() ?? '').slice(2).split('=');
		times[name] = value;
	}
	if (list[0] === 'NONE') return { kind: 'health', test: ['NONE'], times: {} };
	if (list.shift() !== 'CMD') return fail(line, 'HEALTHCHECK CMD … is what is known here');
	const rest = list.join(' ');
	return { kind: 'health', test: rest.startsWith('[') ? ['CMD', ...(JSON.parse(rest) as string[])] : ['CMD-SHELL', rest], times };
}

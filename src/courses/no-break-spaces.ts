/**
 * No-break spaces where a blank is meant. French typography puts them before : ; ! ?, and AltGr+Space gives them by mistake; shells, YAML and
 * Markdown take them for letters, and no editor shows the difference. In sentences they are right, so only places where they break something
 * are told. In code, likewise, signs that word processors and web pages put in place of what was typed.
 */
export interface SpaceFault {
	/** From 1. */
	line: number;
	what: string;
	remedy: string;
}

const space = '[\\u00a0\\u202f]';
const any = new RegExp(space);
/** A heading, a list, a quotation, a fence, the name of a component. */
const markup = new RegExp(`^\\s*(#{1,6}|[-*+]|\\d+[.)]|>|:::\\w*|\`{3,}[^\`]*|~{3,}.*)${space}|</?[A-Z]\\w*${space}`);
/** Indentation, what follows a key or a dash. */
const yaml = new RegExp(`^\\s*${space}|^\\s*(?:- +)*[\\w.-]+:${space}|^\\s*-${space}`);
/** Languages in which a blank parts words; of others nothing is known. */
const code = new Set([
	'bash',
	'sh',
	'shell',
	'console',
	'python',
	'py',
	'dockerfile',
	'def',
	'singularity',
	'apptainer',
	'make',
	'makefile',
	'c',
	'cpp',
	'json',
]);

const remedy = 'Delete it and type a blank with the space bar alone (without AltGr or Option).';

/** @param first number of the line before the text's first */
function lines(text: string, first: number, breaks: (line: string) => boolean, where: string): SpaceFault[] {
	return text.split('\n').flatMap((line, index) => {
		if (!any.test(line) || !breaks(line)) return [];
		return [{ line: first + index + 1, what: `A no-break space stands here in ${where}, where a blank is meant.`, remedy }];
	});
}

/** @param text of a .yaml file, or of a lesson's head */
export const spacesInYaml = (text: string, first = 0): SpaceFault[] => lines(text, first, (line) => yaml.test(line), 'YAML');

/** One line of a lesson outside of code. */
export const spacesInMarkup = (line: string, number: number): SpaceFault[] =>
	lines(line, number - 1, (one) => markup.test(one), 'the markup of this line');

/** @param language of a block, or "sh" of a script; what stands in quotes, comments and here-documents is text */
export function spacesInCode(language: string, text: string, first = 0): SpaceFault[] {
	const known = language.toLowerCase();
	if (known === 'yaml' || known === 'yml') return spacesInYaml(text, first);
	if (!code.has(known)) return [];
	// Lines stay where they are.
	const blank = (part: string) => part.replace(/[^\n]/g, '');
	const bare = text
		.replace(/<<-?\s*(['"]?)(\w+)\1[^\n]*\n[\s\S]*?\n[ \t]*\2(?=\n|$)/g, (part) => {
			const [opening = '', ...rest] = part.split('\n');
			return [opening, ...rest.map(() => '')].join('\n');
		})
		.replace(/(^|\s)(#|\/\/)[^\n]*/g, '$1')
		.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, blank);
	return [...lines(bare, first, () => true, 'code'), ...lookAlikes(bare, first)];
}

/** What looks like nothing, a blank, a quote or the dash of an option, and is a letter to a shell. */
function lookAlikes(bare: string, first: number): SpaceFault[] {
	return bare.split('\n').flatMap((text, index) => {
		const line = first + index + 1;
		const unseen = /[\u00ad\u2000-\u200d\u2060\u205f\u3000\ufeff]/.exec(text)?.[0];
		const quote = /[\u201c\u201d\u201e]/.exec(text)?.[0];
		const dash = /(?:^|\s)([\u2010-\u2015\u2212])\p{L}/u.exec(text)?.[1];
		return [
			...(unseen === undefined ? [] : [{ line, what: `A sign that is not seen (${nameOf(unseen)}) stands here in code.`, remedy }]),
			...(quote === undefined
				? []
				: [
						{ line, what: `The typographic quote ${quote} stands here in code, which knows straight ones only.`, remedy: 'Write " or \'.' },
					]),
			...(dash === undefined
				? []
				: [{ line, what: `An option begins here with ${dash} (${nameOf(dash)}), which is no dash to a shell.`, remedy: 'Write - or --.' }]),
		];
	});
}

const nameOf = (sign: string): string => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

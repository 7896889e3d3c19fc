/**
 * The repository's own French: a space before : ; ? ! and inside « » does not break. Literals of programs, pages' and documents' text. Not
 * looked at: src/courses and the import's lessons, whose sentences are printed by `typographic`, and what shells and CSV files take.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { frenchSpaces } from '../shared/typography.ts';

const root = resolve(import.meta.dirname, '../..');
const elsewhere = /\.test\.ts$|^src\/courses\/|^sandbox-server\/tools\/|^sandbox-server\/rooms\/(step-figures|results)/;
const frenchOnly = /(^|\/|-)fr\.ts$|Fr\.astro$/;
const frenchSigns = /[àâçéèêëîïôùûœÀÉÊ’«»]/;

/** Texts that a space of the wrong kind stands in: "line: text". */
type Faults = string[];

const fault = (text: string, line: number): Faults => (frenchSpaces(text) === text ? [] : [`${line}: ${text.trim()}`]);

/** Is below a property or variable called fr. */
const isNamedFrench = (node: ts.Node): boolean =>
	((ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)) && node.name.getText() === 'fr') ||
	(node.parent !== undefined && isNamedFrench(node.parent));

/** @param path decides whether all of it is French, or what looks like French or is called so */
function inProgram(path: string, text: string, firstLine = 1): Faults {
	const source = ts.createSourceFile('x.tsx', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
	const look = (node: ts.Node): Faults => {
		const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) || ts.isJsxText(node);
		const own = isText && (frenchOnly.test(path) || frenchSigns.test(node.text) || isNamedFrench(node)) ? node.text : '';
		const faults = fault(own, firstLine + source.getLineAndCharacterOfPosition(node.getStart(source)).line);
		ts.forEachChild(node, (child) => void faults.push(...look(child)));
		return faults;
	};
	return look(source);
}

function inPage(path: string, text: string): Faults {
	const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
	const before = head.split('\n').length + 2;
	return [...inProgram(path, head, 2), ...inProgram(path, `<>${body}</>`, before + 1)];
}

function inDocument(text: string): Faults {
	const shown = text.replace(/^(`{3,})[\s\S]*?^\1$/gm, (block) => block.replace(/[^\n]/g, ''));
	return shown.split('\n').flatMap((line, index) => fault(line.replace(/`[^`]*`/g, '`x`'), index + 1));
}

const below = (folder: string, pattern: RegExp): string[] =>
	readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
		.map((name) => `${folder}/${name}`)
		.filter((path) => pattern.test(path) && !elsewhere.test(path));

function told(paths: readonly string[], look: (path: string, text: string) => Faults): string[] {
	return paths.flatMap((path) => {
		const text = readFileSync(join(root, path), 'utf8');
		const isFrench = frenchOnly.test(path) || frenchSigns.test(text) || /\bfr\b/.test(text);
		return isFrench ? look(path, text).map((one) => `${path}:${one}`) : [];
	});
}

test('sentences of programs', () => {
	const paths = [...below('src', /\.ts$/), ...below('sandbox-server', /\.ts$/)];
	assert.ok(paths.length > 300);
	assert.deepEqual(told(paths, inProgram), []);
});

test('pages', () => assert.deepEqual(told(below('src', /\.astro$/), inPage), []));

test('documents in French', () => {
	const pages = ['apres', 'la-veille', 'le-matin', 'pendant'].map((name) => `docs/trainer/${name}.md`);
	assert.deepEqual(
		told(['docs/learner/aide.md', ...pages], (_, text) => inDocument(text)),
		[],
	);
});

test('each kind of place is seen', () => {
	assert.deepEqual(inProgram('a.ts', "const a = 'Été : oui';\nconst sql = 'x = ?';\nconst t = { fr: `Non ! ${a} ; la suite` };"), [
		'1: Été : oui',
		'3: Non !',
		'3: ; la suite',
	]);
	assert.deepEqual(inProgram('src/i18n/room-fr.ts', "export const a = { b: 'Quoi ?' };"), ['1: Quoi ?']);
	assert.deepEqual(inPage('AFr.astro', "---\nconst a = 1;\n---\n<p>\n\tOui ; {a ? 'Quoi ?' : <b>non\u00a0:</b>}</p>\n"), [
		'5: Oui ;',
		'5: Quoi ?',
	]);
	assert.deepEqual(inDocument('Un « mot ».\n\n```sh\nls ; ls\n```\n| `a : b` |\n'), ['1: Un « mot ».']);
});

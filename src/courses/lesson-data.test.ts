import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lessonDataProblems, programIn } from './lesson-data.ts';

const head = '---\ntitle: T\ndescription: D\n---\n';
const said = (body: string, told: number[] = []) =>
	lessonDataProblems('fr.mdx', `${head}${body}`, undefined, new Set(told))
		.map(({ line, what, remedy }) => `${line}: ${what} → ${remedy}`)
		.join('\n');

const rows: [string, string, RegExp][] = [
	['a tag never closed', '<Step id="a">\n\n## A\n', /^5: <Step> is not closed/],
	[
		'tags that cross',
		'<Step id="a">\n\n<Hint>\n\n</Step>\n',
		/^7: <\/Step> comes while the <Hint> of line 7 is still open\. → Write <\/Hint> before it/,
	],
	['a tag closed twice', 'a\n\n</Step>\n', /^7: <\/Step> closes nothing/],
	[
		'a tag within a paragraph',
		'text\n<Hint>inline\n\nmore</Hint>\n',
		/^6: <Hint> is not closed before the end of the paragraph.*lines of their own/,
	],
	['a tag within a list', '- <Hint>\n  a\n</Hint>\n', /^5: <Hint> is not closed before the end of the list item/],
	['HTML that is never closed', 'a<br>b\n', /^5: <br> is not closed\. → Write <br … \/>/],
	['an attribute without quotes', '<Step id=a>\n</Step>\n', /^5: This tag is not understood: <Step id=a>.*name="value"/],
	['a quote never closed', '<Step id="a>\n</Step>\n', /^5: This tag is not understood/],
	['a remark as in HTML', 'a\n\n<!-- later -->\n', /^7: A remark between <!-- and -->.*\{\/\*/],
	['an address between < and >', 'See <https://example.org>.\n', /^5: An address between.*\[text\]/],
	['a program', 'The set {a b}.\n', /^5: What stands between \{ and \}/],
	['{ never closed', 'a { b\n', /^5: The \{ of this line is never closed/],
	[
		'a sentence that begins with import',
		'import the image first\n',
		/^5: This is taken for a program: import the image first → Lessons hold no import/,
	],
	['a tag that does not exist', '<Hnit>\n\na\n\n</Hnit>\n', /^5: There is no tag <Hnit> in lessons\. → Write <Hint>/],
];
for (const [name, body, expected] of rows)
	test(name, () => {
		assert.match(said(body), expected);
		assert.doesNotMatch(said(body), /oxc|mdx-jsx|esm|jsx|expression/i);
	});

test('what others have told of a line is not told again', () => assert.equal(said('a\n\n</Step>\n', [7]), ''));

test('what is good: our tags, remarks, values, code, a little HTML', () => {
	const body =
		'<Step id="a">\n\n## A\n\nYour {{animal}}, `{x}` and \\{ {/* a remark */} <kbd>Ctrl</kbd><br />\n\n<Quiz question="q">\n<Choice correct>\nx\n</Choice>\n</Quiz>\n\n<details open>\n<summary>More</summary>\n\n:::note[Title]\nx\n:::\n\n</details>\n\n```bash run\necho <b> {\n```\n\n</Step>\n';
	assert.equal(said(body), '');
});

/** What would run a program while the site is built, or in a reader's browser, or would put something on the page that is not the course's. */
const programs: [string, string, RegExp][] = [
	['an import', 'import os from "os"\n', /5: .*taken for a program: import os/],
	['an import after a paragraph', 'a\n\nimport os from "os"\n', /7: .*taken for a program/],
	['an export', 'export const a = process.exit();\n', /5: .*taken for a program: export/],
	['an expression in a paragraph', 'a {process.pid} b\n', /5: .*between \{ and \} is taken for a program: process\.pid/],
	['an expression by itself', '{process.exit()}\n', /5: .*between \{ and \}/],
	['an expression behind a remark', '{/* a */ process.exit() /* b */}\n', /5: .*between \{ and \}/],
	['a template', '{`${process.pid}`}\n', /5: .*between \{ and \}/],
	[
		'an expression in an attribute',
		'<Quiz question={process.pid}>\n</Quiz>\n',
		/5: The value of "question" in <Quiz>.*→ Write question="…"/,
	],
	['attributes from an object', '<Step {...globalThis}>\n</Step>\n', /5: \{\.\.\.globalThis\} in <Step> is taken for a program/],
	['an element as an attribute', '<Quiz question={<b>x</b>}>\n</Quiz>\n', /5: The value of "question"/],
	['a member of an object as a tag', '<globalThis.x />\n', /5: There is no tag <globalThis\.x>/],
	['a fragment that sets HTML', '<Fragment set:html="x" />\n', /5: There is no tag <Fragment>/],
	['a tag that sets HTML', '<p set:html="x">y</p>\n', /5: <p> has no attribute "set:html"/],
	['a nameless fragment', '<>a</>\n', /5: The tag <> has no name/],
	['a script', '<script>alert(1)</script>\n', /5: There is no tag <script> in lessons.*→ Pages run nothing/],
	['a frame', '<iframe src="https://example.org/"></iframe>\n', /5: There is no tag <iframe>.*write a link/],
	['a handler', '<p onclick="x()">y</p>\n', /5: <p> has no attribute "onclick"/],
	['a style', '<p style="position:fixed">y</p>\n', /5: <p> has no attribute "style"/],
	['a class of the page', '<p class="step">y</p>\n', /5: <p> has no attribute "class"/],
	['an address that runs', '[a](javascript:alert(1))\n', /5: Browsers do not open javascript:/],
	['an address that runs, hidden', '<a href=" java&#9;script:alert(1)">a</a>\n', /5: Browsers do not open/],
	['an address that runs, elsewhere', '[a][b]\n\n[b]: javascript:alert(1)\n', /7: Browsers do not open/],
	['an address that runs, in braces', 'a <a href={"javascript:alert(1)"}>b</a>\n', /5: Browsers do not open javascript:/],
	['an address that runs, in braces and hidden', '<a href={"java\tscr\\u0069pt:x"}>a</a>\n', /5: Browsers do not open/],
	['an address that runs, behind another', '<a href="https://example.org/" href="javascript:x">a</a>\n', /5: Browsers do not open/],
	['an address with data', '[a](data:text/html,x)\n', /5: Browsers do not open/],
	['attributes of an aside', ':::note{icon="x"}\na\n:::\n', /5: :::note has attributes.*:::note\[Title\]/],
	['a tag misspelt in its case', '<step id="a">\n</step>\n', /5: There is no tag <step> in lessons\. → Write <Step>/],
];
for (const [name, body, expected] of programs) test(`nothing runs: ${name}`, () => assert.match(said(body), expected));

test('what the site compiles is looked at once more, with our own additions in it', () => {
	assert.equal(
		programIn(`${head}<Step number={1} id="a">\n\n<code class="with-value">{"touch "}<span data-value="a">b</span></code>\n\n</Step>\n`),
		undefined,
	);
	for (const [name, body] of programs.slice(0, 16)) assert.ok(programIn(`${head}${body}`), name);
});

const picture = (t: TestContext, target: string): string => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'etabli-pictures-')));
	t.after(() => rmSync(root, { recursive: true }));
	const [course, folder] = [join(root, 'course'), join(root, 'course/01-a')];
	mkdirSync(folder, { recursive: true });
	for (const file of ['outside.png', 'course/cow.png', 'course/01-a/cow.png', 'course/01-a/a cow.SVG', 'course/01-a/cow.js'])
		writeFileSync(join(root, file), 'x');
	symlinkSync('../../outside.png', join(folder, 'link.png'));
	symlinkSync(folder, join(folder, 'folder.png'));
	return lessonDataProblems('fr.mdx', `${head}${target}`, { folder, course })
		.map(({ line, what }) => `${line}: ${what}`)
		.join('\n');
};

test('pictures: of the course, of a kind that pages show, and there', (t) => {
	for (const good of ['![a](cow.png)', '![a](../cow.png)', '![a](a%20cow.SVG)', '![a][b]\n\n[b]: ./cow.png'])
		assert.equal(picture(t, good), '', good);
	const bad: [string, RegExp][] = [
		['![a](none.png)', /5: The image none\.png does not exist/],
		['![a][b]\n\n[b]: ./none.png', /7: The image \.\/none\.png does not exist/],
		['![a]\n\n[a]: none.png', /7: The image none\.png does not exist/],
		['![a](../../outside.png)', /leads out of the course/],
		['![a](link.png)', /leads out of the course/],
		['![a](cow.js)', /no image that pages show/],
		['![a](cow.png?raw)', /no image that pages show/],
		['![a](/etc/passwd.png)', /looked for outside of the course/],
		['![a](https://example.org/x.png)', /not part of the course: pages do not load it/],
		['![a](//example.org/x.png)', /not part of the course/],
		['![a](folder.png)', /is a folder/],
	];
	for (const [text, expected] of bad) assert.match(picture(t, text), expected, text);
});

test('recordings: of the lesson, whole, not too large, with a title; both formats', (t) => {
	const root = realpathSync(mkdtempSync(join(tmpdir(), 'etabli-casts-')));
	t.after(() => rmSync(root, { recursive: true }));
	const folder = join(root, '01-a');
	mkdirSync(join(folder, 'casts'), { recursive: true });
	const three = '{"version": 3, "term": {"cols": 80, "rows": 24}}\n[0.1, "o", "a"]\n';
	const casts = {
		three,
		two: '{"version": 2, "width": 80, "height": 24}\n[0.1, "o", "a"]\n[0.2, "o", "b"]\n',
		cut: `${three}[0.1, "o", "bc`,
		other: 'hello\n',
		latin: Buffer.from(`${three}[0.1, "o", "\xe9"]\n`, 'latin1'),
		large: `${three}${'[0.1, "o", "x"]\n'.repeat(40_000)}`,
	};
	for (const [name, text] of Object.entries(casts)) writeFileSync(join(folder, `casts/${name}.cast`), text);
	symlinkSync('nowhere', join(folder, 'casts/link.cast'));
	const told = (tag: string) =>
		lessonDataProblems('fr.mdx', `${head}${tag}\n`, { folder, course: root })
			.map(({ line, what, remedy }) => `${line}: ${what} → ${remedy}`)
			.join('\n');
	for (const name of ['three', 'two']) assert.equal(told(`<Cast name="${name}" title="A" />`), '');
	assert.equal(told('<Cast name="three" title="A">\n\nWhat *it* shows.\n\n</Cast>'), '');
	const bad: [string, RegExp][] = [
		['<Cast title="A" />', /5: <Cast> does not say which recording/],
		['<Cast name="three" />', /5: <Cast> has no title\. → Say in title=/],
		['<Cast name="three" title=" " />', /5: <Cast> has no title/],
		['<Cast name="three" titel="A" />', /5: <Cast> has no attribute "titel"/],
		['<Cast name="tree" title="A" />', /5: There is no file casts\/tree\.cast in the lesson’s folder\. → Write name="three"/],
		['<Cast name="../casts/three" title="A" />', /5: "\.\.\/casts\/three" is no name of a cast/],
		['<Cast name="cut" title="A" />', /5: casts\/cut\.cast, line 3: The cast is cut off in the middle of an event/],
		['<Cast name="other" title="A" />', /5: casts\/other\.cast, line 1: This is no cast/],
		['<Cast name="latin" title="A" />', /5: casts\/latin\.cast: This is no UTF-8 text/],
		['<Cast name="large" title="A" />', /5: casts\/large\.cast has 625 KiB; 512 are the most/],
		['<Cast name="link" title="A" />', /5: casts\/link\.cast: This link leads nowhere/],
	];
	for (const [tag, expected] of bad) assert.match(told(tag), expected, tag);
});

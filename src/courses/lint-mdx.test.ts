import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lintMdx } from './lint-mdx.ts';

const head = '---\ntitle: T\ndescription: D\n---\n';
const said = (body: string, told: number[] = []) =>
	lintMdx('fr.mdx', `${head}${body}`, new Set(told))
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
	['a sentence that begins with import', 'import the image first\n', /^5: A line that begins with "import"/],
	['a tag that does not exist', '<Hnit>\n\na\n\n</Hnit>\n', /^5: There is no tag <Hnit>\. → Write <Hint>/],
];
for (const [name, body, expected] of rows)
	test(name, () => {
		assert.match(said(body), expected);
		assert.doesNotMatch(said(body), /oxc|mdx-jsx|esm|jsx|expression/i);
	});

test('what others have told of a line is not told again', () => assert.equal(said('a\n\n</Step>\n', [7]), ''));

test('what is good: our tags, remarks, values, code, an import of one’s own', () => {
	const body =
		'import Map from "./map.astro";\n\n<Step id="a">\n\n## A\n\nYour {{animal}}, `{x}` and \\{ {/* a remark */}\n\n<Map />\n\n```bash run\necho <b> {\n```\n\n</Step>\n';
	assert.equal(said(body), '');
});

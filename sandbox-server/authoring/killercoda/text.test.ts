import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mdxToJs } from 'satteri';
import { convertText, runnable } from './text.ts';

const convert = (markdown: string, more: Partial<Parameters<typeof convertText>[0]> = {}) =>
	convertText({ markdown, top: 3, title: undefined, runs: true, folds: true, picture: () => undefined, ...more });
const body = (markdown: string) => convert(markdown).body;

test('what MDX would take for its own is text', () => {
	assert.equal(body('a {b} and 1 < 2, <your-name>, `{x} <y>`'), 'a \\{b\\} and 1 &lt; 2, &lt;your-name>, `{x} <y>`');
	assert.equal(body('already \\{escaped\\} \\<so>'), 'already \\{escaped\\} &lt;so>');
	assert.equal(body('first\n\nimport x from "y"'), 'first\n\n&#105;mport x from "y"');
	assert.equal(body('a <!-- { gone\n\nall of it --> b'), 'a  b');
	assert.equal(body('see <https://a.example/{x}>'), 'see [https://a.example/\\{x\\}](https://a.example/\\{x\\})');
});

test('HTML becomes Markdown; what has no meaning here goes, its text stays', () => {
	assert.equal(
		body('<b>fat</b> <i>thin</i> <font color="red">red</font><br>next <kbd>Q</kbd>'),
		'**fat** *thin* red<br />next <kbd>Q</kbd>',
	);
	assert.equal(body('<a href="https://a.example">there</a><script>alert(1)</script>'), '[there](https://a.example)');
	assert.equal(body('<pre>a &lt; b\n</pre>'), '```\na < b\n```');
});

test('code with a mark has a button; without, or where nothing runs, none', () => {
	assert.equal(body('```\nls\n```{{exec}}'), '```bash run\nls\n```');
	assert.equal(body('```bash\nls\n```'), '```bash\nls\n```');
	assert.equal(body('```bash\nls\n```{{copy}}'), '```bash\nls\n```');
	assert.equal(body('`ls -l`{{execute}}'), '```bash run\nls -l\n```');
	assert.equal(body('Type `ls`{{exec}} now'), 'Type `ls` now\n\n```bash run\nls\n```');
	assert.equal(body('1. one `ls`{{exec}}\n2. two'), '1. one `ls`\n\n   ```bash run\n   ls\n   ```\n\n2. two');
	const read = convert('```\nls\n```{{exec}}', { runs: false });
	assert.deepEqual([read.body, read.commands], ['```bash\nls\n```', []]);
});

test('commands that cannot be typed one by one go in one piece; what is no shell command is only shown', () => {
	assert.equal(runnable('ls\ncd /tmp'), 'ls\ncd /tmp');
	assert.equal(runnable('for i in 1 2; do\necho $i\ndone'), "source /dev/stdin <<'END'\nfor i in 1 2; do\necho $i\ndone\nEND");
	assert.equal(runnable('SELECT (1;'), undefined);
	const { body: shown, notes } = convert('```sql\nSELECT (1;\n```{{exec}}');
	assert.equal(shown, '```sql\nSELECT (1;\n```');
	assert.match(notes[0]?.what ?? '', /no shell command/);
});

test('marks that ask for more than there is are told', () => {
	const { body: text, notes, terminals } = convert('`top`{{exec interrupt}}\n\n`ls`{{execute T2}}\n\n`ls`{{execute HOST2}}');
	assert.match(text, /Ctrl<\/kbd>.*\n\n```bash run\ntop/);
	assert.match(text, /\*Terminal 2:\*\n\n```bash run\nls/);
	assert.equal(terminals, 2);
	assert.deepEqual(
		notes.map(({ what }) => what),
		['{{exec interrupt}}', 'command for another terminal', 'command for a second host'],
	);
});

test('folded parts become hints and the solution', () => {
	const part = convert(
		'Do it.\n\n<details><summary>Tip</summary>\n\nThink.\n\n</details>\n\n<details><summary>Solution</summary>\n\n```\ntouch x\n```{{exec}}\n\n</details>',
	);
	assert.deepEqual([part.body, part.hints, part.solved, part.commands], ['Do it.', ['Think.'], ['touch x'], []]);
	assert.deepEqual(part.solutions, ['```bash\ntouch x\n```']);
});

test('headings fit below the step’s title and do not jump; the first one that repeats the title goes', () => {
	const part = convert('# My step\n\n# A\n\n### B\n\ntext', { title: 'My step' });
	assert.equal(part.body, '### A\n\n#### B\n\ntext');
	assert.equal(convert('Title\n=====\n\ntext').heading, 'Title');
});

test('web addresses of the platform become this machine’s', () => {
	assert.equal(body('open {{TRAFFIC_HOST1_80}}'), 'open http://localhost:80');
	assert.equal(body('[page]({{TRAFFIC_HOST1_80}}/x)'), 'page (`curl http://localhost:80/x`)');
	assert.equal(body('https://[[HOST_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com/'), 'http://localhost:80/');
});

test('pictures come along, or say what they showed; links to the old platform lose their address', () => {
	assert.equal(convert('![a](x.png)', { picture: () => './images/x.png' }).body, '![a](./images/x.png)');
	assert.equal(convert('![](my-plan.png)', { picture: () => './images/x.png' }).body, '![my plan](./images/x.png)');
	assert.equal(body('![a](x.png)'), '*a*');
	assert.equal(body('[next](../step2)'), 'next');
});

test('indented code and a fence that is never closed stay code', () => {
	assert.equal(body('text\n\n    a < b\n\nmore'), 'text\n\n```\na < b\n```\n\nmore');
	assert.equal(body('```\na < b'), '```\na < b\n```');
});

test('a stranger’s text becomes text, never a program that is run when the site is built', () => {
	const program = '{process.exit(1)}';
	const rows = [
		program,
		`\\\\${program}`,
		`\\\\{process.exit(1)/*\` */}\``,
		`\\\`${program}\``,
		`a \\\`${program}\`{{copy}} b`,
		`\`\`\`a \`\` ${program} \`\` b\`\`\``,
		`\` \`\`${program}\`\``,
		`\`\`{{copy}}\`${program}\``,
		`\`a\`{{copy}}\`\`${program}\`\``,
		`\`${program}\`{{copy}}\`\` x`,
		`| \`a | ${program} \` |\n|---|---|\n| \`b | ${program} \` | c |`,
		`\`\`\`\`\`\ntext\n\`\`\`\n~~~~\n${program}\n\`\`\`\`\``,
		`<pre data-filename="a\`${program}\`b">x</pre>`,
		'ex<b></b>port const x = process.exit(1)',
		`\`\` a\n\n# ${program} \` b \`\``,
		`\`\` a\n# ${program} \` b \`\``,
	];
	for (const row of rows) {
		const text = body(row);
		// With the site's own compiler: what is left beside texts is the program that a build runs.
		assert.doesNotMatch(mdxToJs(text).code.replace(/"(?:[^"\\]|\\.)*"/g, ''), /exit/, `${row}\n→\n${text}`);
	}
});

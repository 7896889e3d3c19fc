import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mdxToJs } from 'satteri';
import { proseProblems } from '../../../../src/courses/lint-prose.ts';
import { runnable, waitsForSomebody } from './code.ts';
import { convertText } from './text.ts';

const convert = (markdown: string, more: Partial<Parameters<typeof convertText>[0]> = {}) =>
	convertText({ markdown, top: 3, title: undefined, runs: true, folds: true, answer: 'Answer', picture: () => undefined, ...more });
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

test('marks become words of the format; those that ask for more than there is are told', () => {
	const {
		body: text,
		notes,
		terminals,
	} = convert('`top`{{exec interrupt}}\n\n`ls`{{execute T2}}\n\n`pwd`{{execute interrupt T3}}\n\n`ls`{{execute HOST2}}');
	assert.match(text, /^```bash run interrupt\ntop\n```\n\n```bash run terminal=2\nls\n```\n\n```bash run terminal=3 interrupt\npwd\n```/);
	assert.equal(terminals, 3);
	assert.deepEqual(
		notes.map(({ what }) => what),
		['command for a second host'],
	);
});

test('a block without a command has no button', () => {
	for (const keys of ['^C', 'ctrl+c', 'Ctrl - D']) assert.match(body(`\`${keys}\`{{exec}}`), /^```text\n/, keys);
	for (const block of ['# ctrl+c', '# now wait\n\n# a while']) {
		const { body: text, commands, notes } = convert(`\`\`\`\n${block}\n\`\`\`{{exec}}`);
		assert.equal(text, `\`\`\`text\n${block}\n\`\`\``);
		assert.deepEqual([commands, notes[0]?.what], [[], 'block without a command']);
	}
});

test('a file for the editor is put in its place; one from outside of the folder is shown', () => {
	assert.equal(body('<pre class="file" data-filename="app/a.py">print(1)\n</pre>'), '```text file=app/a.py\nprint(1)\n```');
	assert.equal(body('<pre class="file" data-filename="a.py" data-target="append">x</pre>'), '```text file=a.py append\nx\n```');
	const outside = convert('<pre class="file" data-filename="/etc/x">y</pre>');
	assert.match(outside.body, /^`\/etc\/x`:\n\n```\ny\n```$/);
	assert.match(outside.notes[0]?.what ?? '', /file for the editor/);
});

test('a file that a click opened in the editor has a button for it; one from outside of the folder has its name', () => {
	assert.equal(body('Open `src/app.py`{{open}} now'), 'Open `src/app.py` now\n\n```text open=src/app.py\nsrc/app.py\n```');
	assert.equal(body('1. `/root/a.txt`{{open}}\n2. two'), '1. `/root/a.txt`\n\n   ```text open=a.txt\n   a.txt\n   ```\n\n2. two');
	assert.equal(body('```\n~/b.yaml\n```{{open}}'), '```text open=b.yaml\nb.yaml\n```');
	const outside = convert('See `/etc/hosts`{{open}} and `a b`{{open}}.');
	assert.equal(outside.body, 'See `/etc/hosts` and `a b`.');
	assert.match(outside.notes[0]?.what ?? '', /^2 × \{\{open\}\}/);
	assert.deepEqual(convert('`a`{{open}} b', { runs: false }).notes, []);
});

test('pictures and links by reference, with brackets or code in their labels', () => {
	const picture = { picture: (path: string) => `./images/${path.replace('./', '')}` };
	const rows: [string, string][] = [
		['![x][ref]\n\n[ref]: ./p.png "T"', '![x](./images/p.png)'],
		['![ref][]\n\n[ref]: <./p.png>', '![ref](./images/p.png)'],
		['![Ref]\n\n[ref]: ./p.png', '![Ref](./images/p.png)'],
		['see [the page][1].\n\n[1]: https://a.example', 'see [the page](https://a.example).'],
		['![a [b]](p.png)', '![a b](./images/p.png)'],
		['![`ls` out](./p.png)', '![ls out](./images/p.png)'],
		['the [`data` file](./data.txt) is', 'the `data` file is'],
		['the [`data`](https://a.example) is', 'the [`data`](https://a.example) is'],
		['[^1]: a note', '[^1]: a note'],
	];
	for (const [markdown, expected] of rows) assert.equal(convert(markdown, picture).body.trim(), expected, markdown);
	assert.equal(body('```\n[a][b]\n[b]: c\n```\n\n[b]: ./x'), '```\n[a][b]\n[b]: c\n```');
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
	assert.equal(body('open {{TRAFFIC_HOST1_80}}.'), 'open [http://localhost:80](http://localhost:80).');
	assert.equal(body('open {{TRAFFIC_HOST1_80}}/a?b=1, then'), 'open [http://localhost:80/a?b=1](http://localhost:80/a?b=1), then');
	assert.equal(body('[page]({{TRAFFIC_HOST1_80}}/x)'), '[page](http://localhost:80/x)');
	assert.equal(body('[{{TRAFFIC_HOST1_80}}]({{TRAFFIC_HOST1_80}})'), '[http://localhost:80](http://localhost:80)');
	const both = body('not http://localhost:8080, but {{TRAFFIC_HOST1_80}} or {{TRAFFIC_HOST1_8080}}');
	assert.equal(
		both,
		'not http://localhost:8080, but [http://localhost:80](http://localhost:80) or [http://localhost:8080](http://localhost:8080)',
	);
	assert.equal(
		body('https://[[HOST_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com/'),
		'[http://localhost:80/](http://localhost:80/)',
	);
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

test('code is kept wherever its fence stands', () => {
	const rows: [string, string][] = [
		['1. ```bash\n   ls\n   ```{{exec}}\n2. two', '```bash run\nls\n```\n\n2. two'],
		['- ```\n  ls\n  ```', '```\nls\n```'],
		['> ```bash\n> ls\n>  -l\n> ```{{exec}}\n\nb', '```bash run\nls\n -l\n```\n\nb'],
		['```\ncat <<EOF > a\nx\nEOF```{{exec}}\n\nb', '```bash run\ncat <<EOF > a\nx\nEOF\n```\n\nb'],
		['~~~\necho ``` {{exec}}\n~~~', '```\necho ``` {{exec}}\n```'.replace(/^```|```$/g, '~~~~')],
	];
	for (const [markdown, expected] of rows) assert.equal(body(markdown).replace(/^~~~~$|^~~~$/gm, '~~~~'), expected, markdown);
});

test('tables of HTML, attributes of other programs and their divisions', () => {
	assert.equal(
		body('<table><thead><tr><th>A</th><th>B</th></tr></thead><tr><td><b>1</b></td>\n<td>x|y</td></tr><tr><td>2</td></tr></table>'),
		'| A | B |\n| --- | --- |\n| **1** | x\\|y |\n| 2 |  |',
	);
	assert.equal(body('```\nls\n```\n{: .output}\n\nb {: x}'), '```\nls\n```\n\nb \\{: x\\}');
	assert.equal(body('::: challenge\n\nDo it.\n\n:::').trim(), '**Challenge**\n\nDo it.');
	assert.equal(body('::::: {.callout-note}\nx\n:::::').trim(), '**Callout note**\n\nx');
});

test('what is folded stays so in a step without a check', () => {
	const text = convert('Q?\n\n<details><summary>The `answer`</summary>\n\n42\n\n</details>\n\nb', { folds: false }).body;
	assert.equal(text, 'Q?\n\n<details>\n<summary>The `answer`</summary>\n\n42\n\n</details>\n\nb');
	assert.match(mdxToJs(text).code, /details/);
});

test('a block that asks for input is not typed in one piece', () => {
	const { body: text, notes } = convert(
		'```\nwhile read line; do\necho $line\ndone < x\n```{{exec}}\n\n```\nfor i in 1 2; do\nread answer\ndone\n```{{exec}}',
	);
	assert.match(
		text,
		/^```bash run\nsource \/dev\/stdin[\s\S]*done < x[\s\S]*\n```bash\nfor i in 1 2; do\nread answer/,
		'one that reads from a file is',
	);
	assert.match(notes[0]?.what ?? '', /^block that asks for input/);
	for (const block of [
		'select one in a b; do\nbreak\ndone',
		'while read -p "more? " x; do\necho $x\ndone',
		'if\nread x; then\necho $x\nfi',
	])
		assert.match(body(`\`\`\`\n${block}\n\`\`\`{{exec}}`), /^```bash\n/, block);
	assert.match(body('```\nls | while read x; do\necho $x\ndone\n```{{exec}}'), /^```bash run/);
});

test('lines that are meant for a program are not typed as commands', () => {
	for (const block of ['python3\nx = 1', 'cat > a.txt\nhello', 'sudo docker exec -it web bash\nls', 'mysql\nexit', 'ssh host\nls']) {
		const { body: text, notes } = convert(`\`\`\`\n${block}\n\`\`\`{{exec}}`);
		assert.match(text, /^```bash\n/, block);
		assert.match(notes[0]?.what ?? '', /^block whose lines are for a program/);
	}
	for (const block of [
		'ls\npython3',
		'echo "print(1)" | python3\nls',
		'sleep 60\nls',
		'docker exec -it web ls /\nls',
		'cat > a <<END\nbash\nEND\nls',
	])
		assert.match(body(`\`\`\`\n${block}\n\`\`\`{{exec}}`), /^```bash run/, block);
});

test('what a solution cannot type by itself: it never ends, or waits for keys', () => {
	const waiting = [
		'vi x',
		'sleep 100',
		'journalctl -u x -f',
		'kubectl logs -f web',
		'ping example.org',
		'python3 -m http.server 80',
		'nc -l 90',
	];
	for (const command of [...waiting, 'ls | less', 'while true; do date; done']) assert.equal(waitsForSomebody(command), true, command);
	const ending = [
		'ping -c 1 example.org',
		'kubectl logs web',
		'echo 1 | python3',
		'sleep 2',
		'while read x; do ls; done < f',
		'cat > a <<END\nvi\nEND',
	];
	for (const command of ending) assert.equal(waitsForSomebody(command), false, command);
});

test('questions of Katacoda are questions, with their right answers; one to be typed has its answer in a fold', () => {
	const quiz = '>>Which gives "x" in `a > b`?<<\n( ) `ls <dir>`\n(*) {so}\n\nAfter.\n\n>> Several <<\n[*] A | B\n[ ] C\n[*] D';
	const { body: text, quizzes, notes } = convert(quiz);
	assert.equal(
		text,
		[
			'<Quiz question="Which gives &#34;x&#34; in `a &#62; b`?">\n<Choice>`ls <dir>`</Choice>\n<Choice correct>\\{so\\}</Choice>\n</Quiz>',
			'After.',
			'<Quiz question="Several">\n<Choice correct>A | B</Choice>\n<Choice>C</Choice>\n<Choice correct>D</Choice>\n</Quiz>',
		].join('\n\n'),
	);
	assert.deepEqual([quizzes, notes], [2, []]);
	assert.doesNotThrow(() => mdxToJs(text));
	const typed = convert('>>The word?<<\n=== test\n\n>>Some?<<\n=~= part');
	assert.match(typed.body, /^The word\?\n\n<details>\n<summary>Answer<\/summary>\n\n- test\n\n<\/details>\n\nSome\?/);
	assert.match(typed.notes[0]?.what ?? '', /^2 × question with an answer to be typed/);
});

test('what only looks like a question stays text: no right answer, a redirection, code', () => {
	assert.equal(convert('>>Ready?<<\n( ) yes\n( ) no').quizzes, 0);
	assert.equal(convert('`a >> b << c`\n(*) x').quizzes, 0);
	assert.equal(body('<pre>\n>>Q<<\n(*) A\n</pre>'), '```\n>>Q<<\n(*) A\n```');
	assert.equal(body('```\n>>Q<<\n(*) A\n```'), '```\n>>Q<<\n(*) A\n```');
});

test('what other programs take for headings, alerts, links and bold text is what it was meant for, or text', () => {
	assert.equal(convert('x\n\n##Title\n\ny', { title: 'T' }).body, 'x\n\n### Title\n\ny');
	assert.equal(body('> [!NOTE]\n> Mind it.'), '> **Note**\n>\n> Mind it.');
	const text = body('The ***** marks [a][nowhere] and [b](my file.txt), **bold**.\n\n*****\n\nEnd [c](https://c.example)');
	assert.equal(text, 'The \\*\\*\\*\\*\\* marks \\[a][nowhere] and \\[b](my file.txt), **bold**.\n\n*****\n\nEnd [c](https://c.example)');
	assert.deepEqual(proseProblems('en.mdx', `---\ntitle: T\ndescription: D\n---\n${text}\n`), []);
});

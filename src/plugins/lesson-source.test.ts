import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { programIn } from '../courses/lesson-data.ts';
import { parametersSchema } from '../shared/course/parameters.ts';
import { prepareLesson } from './lesson-source.ts';

test('tags get their step and number, lines keep their place', () => {
	const source =
		'<Step id="one">\n## One\n<Hint>\na\n</Hint>\n<Hint>\nb\n</Hint>\n<Solution>\n</Solution>\n</Step>\n<Step id="two">\n<Hint>\n</Hint>\n</Step>\n<Quiz question="q">';
	const lines = prepareLesson(source, 'fr').split('\n');
	assert.equal(lines[0], '<Step number={1} id="one">');
	assert.equal(lines[2], '<Hint number={1}>');
	assert.equal(lines[5], '<Hint number={2}>');
	assert.equal(lines[8], '<Solution step="one">');
	assert.equal(lines[11], '<Step number={2} id="two">');
	assert.equal(lines[12], '<Hint number={1}>');
	assert.equal(lines[15], '<Quiz number={1} question="q">');
});

test('tags in code stay as they are', () => {
	const source = 'Write `<Step id="x">`:\n\n```mdx\n<Hint>\n:::note\n```\n';
	assert.ok(prepareLesson(source, 'en').startsWith(source));
});

test('a pattern in a fence comes out of Markdown as it went in', () => {
	const [line] = prepareLesson('```yaml file=x replace="^a\\.b & c"\nx\n```\n', 'fr').split('\n');
	assert.equal(line, '```yaml file=x replace="^a\\\\.b &amp; c"');
});

test('the text of a block that stands in a file of its own, in the language of the lesson, with values', () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-source-'));
	try {
		mkdirSync(join(folder, 'blocks'));
		writeFileSync(join(folder, 'blocks/a.sh'), 'echo {{fr: un | en: one}}\nls\n');
		const lines = prepareLesson('- x\n\n  ```bash run from=blocks/a.sh\n  ```\nend', 'en', {}, { folder }).split('\n');
		assert.deepEqual(lines.slice(2, 7), ['  ```bash run from=blocks/a.sh', '  echo one', '  ls', '  ```', 'end']);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('a text of a file cannot end its block: nothing of it is taken for the lesson’s own', () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-source-'));
	try {
		mkdirSync(join(folder, 'blocks'));
		writeFileSync(join(folder, 'blocks/a.md'), 'x\n````\n{process.exit()}\n');
		const prepared = prepareLesson('```md from=blocks/a.md\n```\nend', 'en', {}, { folder });
		assert.deepEqual(prepared.split('\n'), ['`````md from=blocks/a.md', 'x', '````', '{process.exit()}', '`````', 'end']);
		assert.equal(programIn(prepared), undefined);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('names of the operator’s cluster are text, in prose, tables, inline code and blocks', () => {
	const profile = { name: '*Z* | <x>', partition: 'cpu', scratch: '$SCRATCH', support: 'a@example.org' };
	const source =
		'**{{cluster.name}}** `-p {{cluster.partition}}` {{cluster.support}}\n\n```bash\ncd {{cluster.scratch}}/x # {{cluster.scratch}}\n```\n';
	const prepared = prepareLesson(source, 'en', {}, { profile });
	const [prose, , , code] = prepared.split('\n');
	assert.equal(
		prose,
		'**{"\\u002aZ\\u002a \\u007c \\u003cx\\u003e"}** <code><span class="whole">{"-p"}</span>{" "}{"cpu"}{""}</code> <a href={"mailto:a@example.org"}>{"a@example.org"}</a>',
	);
	assert.equal(code, 'cd "$SCRATCH"/x # $SCRATCH');
	assert.equal(prepared.split('\n').length, source.split('\n').length, 'nothing is added');
	assert.equal(programIn(prepared), undefined);
});

test('without them placeholders, and a note that says what they are', () => {
	const prepared = prepareLesson('x `-p {{cluster.partition}}`\n\n```bash run\ncd {{cluster.scratch}}\n```\n', 'fr');
	assert.match(
		prepared,
		/<code><span class="whole">\{"-p"\}<\/span>\{" "\}<span class="value to-fill" title="À remplacer[^"]*">\{"PARTITION"\}<\/span>\{""\}<\/code>/,
	);
	assert.match(prepared, /cd \ue000cluster\.scratch\ue001\/SCRATCH\ue002/);
	assert.match(
		prepared,
		/:::note\[Les noms de votre cluster\]\n.*comme <span class="value to-fill">\{"PARTITION"\}<\/span>,/,
		'a name of this page',
	);
	assert.match(prepareLesson('`{{cluster.scratch}}`\n', 'en'), /such as <span class="value to-fill">\{"\/SCRATCH"\}<\/span>,/);
	assert.equal(programIn(prepared), undefined);
	// An address that is none must not become a link.
	assert.match(prepareLesson('{{cluster.support}}\n', 'en'), /<span [^>]*>\{"support@cluster\.example"\}<\/span>/);
	assert.match(prepareLesson('```sh\n{{cluster.work}}\n```\n', 'en'), /:::note\[Your cluster’s names\]/);
});

test('asides without a title get one in the language of the lesson', () => {
	assert.match(prepareLesson(':::tip\nx\n:::\n', 'fr'), /^:::tip\[Astuce\]\nx\n:::\n/);
	assert.match(prepareLesson(':::tip[Mine]\nx\n:::\n', 'en'), /^:::tip\[Mine\]/);
});

test('values of parameters: an example with room for the longest, in prose, in inline code and, as a mark, in blocks', () => {
	const parameters = parametersSchema.parse({ animal: ['vole', 'heron'], port: '8000-8999' });
	const text =
		'Your {{animal}} : {{other}}.\n`touch {{animal}}.{txt} -p {{port}}` and `{{other}}`\n```bash run\ntouch {{animal}} {{.Name}}\n```\n';
	const [prose = '', code = '', , block = ''] = prepareLesson(text, 'fr', parameters).split('\n');
	assert.match(
		prose,
		/^Your <span class="value" data-value="animal" title="Exemple[^"]*" style="--value-width: 5">(vole|heron)<\/span>\u00a0: \{\{other\}\}\.$/,
	);
	// "touch heron.{txt} -p 8999"
	assert.match(
		code,
		/^<code class="with-value" style="--value-width: 25">\{"touch "\}<span .*<\/span>\{"\.\{txt\} "\}<span class="whole">\{"-p"\}<\/span>\{" "\}<span .*<\/span>\{""\}<\/code> and `\{\{other\}\}`$/,
	);
	assert.match(block, /^touch \ue000animal\ue001(vole|heron)\ue002 \{\{\.Name\}\}$/);
});

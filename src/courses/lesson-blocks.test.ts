import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { brokenForm, inLanguage } from './block-file.ts';
import { playBlocksOf } from './lesson-blocks.ts';

const runBlocksOf = (text: string) => playBlocksOf(text, undefined, 'fr');

const lesson = `---
title: T
---
\`\`\`bash run
outside
\`\`\`

<Step id="one">
## One

\`\`\`bash run
ls
cat > f <<'EOF'
  indented
EOF
\`\`\`

Write \`<Step id="no">\` in code.

\`\`\`bash
only read
\`\`\`

<Hint>
  ~~~sh run
  echo "in a hint"
    deeper
  ~~~
</Hint>
</Step>

<Step id="two">
\`\`\`\`mdx
\`\`\`bash run
shown, not run
\`\`\`
\`\`\`\`
</Step>
`;

test('the run blocks of each step, as they stand on the page', () => {
	const found = [...runBlocksOf(lesson)].map(([step, blocks]) => [step, blocks.map(({ line, text }) => [line, text])]);
	assert.deepEqual(found, [
		[
			'one',
			[
				[11, "ls\ncat > f <<'EOF'\n  indented\nEOF"],
				[25, 'echo "in a hint"\n  deeper'],
			],
		],
	]);
});

test('Windows’ line ends, and a text without a head', () => {
	assert.equal(runBlocksOf('---\r\ntitle: T\r\n---\r\n<Step id="a">\r\n```bash run\r\nls\r\n```\r\n</Step>\r\n').get('a')?.[0]?.text, 'ls');
	assert.equal(runBlocksOf('no head').size, 0);
});

test('a block that stands once for both languages', () => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-blocks-'));
	try {
		mkdirSync(join(folder, 'blocks'));
		writeFileSync(join(folder, 'blocks/hello.sh'), '# {{fr: d’abord | en: first}}\necho "{{fr:Bonjour !|en:Hello}}" | cat\n');
		const read = (fence: string, language: 'fr' | 'en', body = '') => {
			const text = `---\ntitle: T\n---\n<Step id="a">\n\`\`\`${fence}\n${body}\`\`\`\n</Step>\n`;
			const [block] = playBlocksOf(text, folder, language).get('a') ?? [];
			return block?.faults[0] ? `${block.faults[0].what} → ${block.faults[0].remedy}` : block?.text;
		};
		assert.equal(read('bash run from=blocks/hello.sh', 'fr'), '# d’abord\necho "Bonjour !" | cat');
		assert.equal(read('bash run from=blocks/hello.sh', 'en'), '# first\necho "Hello" | cat');
		assert.match(read('bash run from=blocks/helo.sh', 'en') ?? '', /no file blocks\/helo\.sh.* → Write from=blocks\/hello\.sh/);
		assert.match(read('bash run from=blocks/hello.sh', 'en', 'ls\n') ?? '', /a text of its own/);
		writeFileSync(join(folder, 'blocks/hello.sh'), 'ls\necho {{fr: Bonjour }}\n');
		assert.match(read('bash run from=blocks/hello.sh', 'en') ?? '', /Line 2 of blocks\/hello\.sh begins a text for each language/);
	} finally {
		rmSync(folder, { recursive: true });
	}
});

test('braces that mean something to a shell, or to a Go template, stay', () => {
	const text = "a{1,2} ${x} {{.State}} {{json .}} awk '{print}'";
	assert.equal(inLanguage(text, 'en'), text);
	assert.equal(brokenForm(text), undefined);
	assert.equal(inLanguage('{{fr: a | en: b}}{{fr:c|en:d}}', 'en'), 'bd');
});

test('empty lines around a text for a file do not count, as the page does not show them', () => {
	const text = '---\ntitle: T\n---\n<Step id="a">\n```text file=a append\n\n  \n  first\n\nlast\n\n```\n</Step>\n';
	assert.equal(playBlocksOf(text, undefined, 'fr').get('a')?.[0]?.text, '  first\n\nlast');
});

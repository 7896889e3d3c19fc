import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runBlocksOf } from './lesson-lines.ts';

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

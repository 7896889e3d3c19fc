import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spacesInCode, spacesInMarkup, spacesInYaml } from './no-break-spaces.ts';

const at = (faults: { line: number }[]) => faults.map(({ line }) => line);

test('in code, outside of quotes, comments and here-documents', () => {
	assert.deepEqual(at(spacesInCode('bash', 'ls |\u00a0cat\necho "Oui\u00a0!" # Bien\u00a0: oui\nls\u202f-l')), [1, 3]);
	assert.deepEqual(at(spacesInCode('sh', "cat <<END\nBonjour\u00a0!\nEND\nfail 'Non\u00a0!' 'No!' \u00a0hint 1")), [4]);
	assert.deepEqual(at(spacesInCode('python', 'x =\u00a01\nprint("a\u00a0b")', 10)), [11]);
	assert.deepEqual(at(spacesInCode('yaml', 'a:\u00a0b\nc: d\u00a0: e\n\u00a0 f: g\n-\u00a0h')), [1, 3, 4]);
	assert.deepEqual(spacesInCode('text', 'bash: nosuch\u00a0: commande introuvable'), []);
});

test('in YAML and in markup, where they are part of the structure', () => {
	assert.deepEqual(at(spacesInYaml('title:\u00a0Un\ndescription: Deux\u00a0: trois\nsteps:\n  -\u00a0id: x')), [1, 4]);
	for (const line of [
		'##\u00a0Titre',
		'-\u00a0point',
		'1.\u00a0point',
		'>\u202fcité',
		'```bash\u00a0run',
		'<Step\u00a0id="a">',
		':::note\u00a0[x]',
	])
		assert.deepEqual(at(spacesInMarkup(line, 7)), [7], line);
	for (const line of ['## Un titre\u00a0: deux', 'Vraiment\u00a0?', '- oui\u00a0; non', '« a\u00a0»'])
		assert.deepEqual(spacesInMarkup(line, 7), [], line);
});

test('in code, what word processors put in place of blanks, quotes and dashes', () => {
	const told = (text: string) => spacesInCode('bash', text).map(({ line, what }) => `${line}: ${what}`);
	for (const sign of ['\u200b', '\u2009', '\u3000', '\ufeff', '\u00ad'])
		assert.match(told(`ls\npwd ${sign}`)[0] ?? '', /^2: A sign that is not seen \(U\+/);
	assert.match(told('echo “a”')[0] ?? '', /quote “ stands here/);
	assert.match(told('ls –l')[0] ?? '', /An option begins here with – \(U\+2013\)/);
	for (const fine of ['echo "“a” – b"', '# “a” –b', 'echo a – b', "cat <<'END'\n“a” –b\nEND", 'echo l’image', 'ls -l'])
		assert.deepEqual(told(fine), [], fine);
});

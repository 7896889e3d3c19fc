import assert from 'node:assert/strict';
import { test } from 'node:test';
import { courseSchema } from '../shared/course/course.ts';
import {
	exampleOf,
	fillValues,
	namesIn,
	type Parameters,
	parametersSchema,
	valueOf,
	valuesEnv,
	widthOf,
} from '../shared/course/parameters.ts';
import { parseYaml } from './yaml-file.ts';

const head = 'title: { fr: a, en: a }\nsummary: { fr: a, en: a }\nauthors: [a]\nparameters:\n';
const read = (text: string) => {
	const { value, problems } = parseYaml('course.yaml', `${head}${text}`, courseSchema);
	return value?.parameters ?? problems.map(({ line, what, remedy }) => `${line}: ${what} ${remedy}`).join('\n');
};

test('a list, a range, a code: as little as says it', () => {
	const parameters = read('  animal: [heron, otter, 7]\n  port: 8000-8999\n  code: 6 letters\n  pin: 4 digits\n') as Parameters;
	assert.deepEqual(parameters['animal'], { kind: 'choice', choices: ['heron', 'otter', '7'] });
	assert.deepEqual(parameters['port'], { kind: 'range', from: 8000, to: 8999 });
	const seed = () => 123_456_789_012_345;
	const values = Object.fromEntries(Object.entries(parameters).map(([name, parameter]) => [name, valueOf(parameter, seed)]));
	assert.match(values['animal'] ?? '', /^(heron|otter|7)$/);
	assert.ok(Number(values['port']) >= 8000 && Number(values['port']) <= 8999);
	assert.match(values['code'] ?? '', /^[b-df-hj-kmnp-tv-xz]{6}$/);
	assert.match(values['pin'] ?? '', /^\d{4}$/);
	assert.deepEqual(valuesEnv({ animal: 'otter' }), { ANIMAL: 'otter' });
	for (const parameter of Object.values(parameters)) assert.ok(exampleOf(parameter).length <= widthOf(parameter));
});

test('every value of a range can come, and no other', () => {
	const { port } = parametersSchema.parse({ port: '1-3' });
	const seen = new Set(Array.from({ length: 9 }, (_, number) => port && valueOf(port, () => number)));
	assert.deepEqual([...seen].sort(), ['1', '2', '3']);
});

test('a code of 32 letters uses all of its seeds', () => {
	const { code } = parametersSchema.parse({ code: '32 letters' });
	assert.ok(code);
	const asked = new Set<number>();
	const seed = (index: number) => {
		asked.add(index);
		return 2 ** 47 + index;
	};
	assert.equal(valueOf(code, seed).length, 32);
	assert.deepEqual([...asked], [0, 1, 2, 3]);
});

test('what is not right is told with its line, and what to write', () => {
	const rows: [string, RegExp][] = [
		['  animal: heron\n', /^5: .*"heron" is neither a range nor a code/],
		['  animal: [heron]\n', /^5: .*at least two choices/],
		['  animal: [heron, heron]\n', /^5: .*twice/],
		['  animal: [heron, "a b"]\n', /^5: .*a word of letters, digits/],
		['  port: 9000-8000\n', /^5: .*write 8000-9000/],
		['  path: 1-9\n', /^5: .*\$PATH means something/],
		['  learner: 1-9\n', /\$LEARNER means/],
		['  home: 1-9\n', /\$HOME means/],
		['  etabli_x: 1-9\n', /\$ETABLI_X means/],
		['  ld_preload: 1-9\n', /\$LD_PRELOAD means/],
		['  https_proxy: 1-9\n', /\$HTTPS_PROXY means/],
		['  My-Port: 1-9\n', /small letters, digits and "_"/],
		['  port: { from: 1, to: 9 }\n', /a range such as 8000-8999/],
		['  port:\n', /a range such as 8000-8999/],
	];
	for (const [text, expected] of rows) assert.match(String(read(text)), expected, text);
});

test('texts and scripts', () => {
	const parameters = parametersSchema.parse({ port: '1-3', animal: ['a', 'b'] });
	assert.equal(
		fillValues('touch {{animal}}.{{ port }} {{.Name}} {{other}}', { animal: 'vole', port: '2' }),
		'touch vole.2 {{.Name}} {{other}}',
	);
	assert.deepEqual(namesIn('echo "${PORT}"', parameters), ['port']);
	assert.deepEqual(namesIn('echo {{port}}', parameters), ['port']);
	assert.deepEqual(namesIn('echo $PORTAL $animal SUPPORT', parameters), []);
	assert.deepEqual(namesIn('import os; os.environ["ANIMAL"]', parameters), ['animal']);
});

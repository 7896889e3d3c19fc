import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lessonSchema } from '../shared/course/course.ts';
import { parseYaml } from './yaml-file.ts';

const said = (text: string) =>
	parseYaml('lesson.yaml', text, lessonSchema)
		.problems.map(({ line, what, remedy }) => `${line}: ${what} → ${remedy}`)
		.join('\n');

const rows: [string, string, RegExp][] = [
	['a comma left out', 'title: { fr: A en: B }\n', /^1: .*not parted by a comma.*\{ fr: Un, en: One \}/],
	['a comma left out, in a list', 'a: [x y\n  z: 1]\n', /^1: .*comma/],
	['{ never closed', 'minutes: 5\ntitle: { fr: A, en: B\nsteps:\n  - id: a\n', /^2: The \{ of this line is never closed\. → Write \}/],
	['[ never closed', 'authors: [A, B\nlimits:\n  memory: 1\n', /^1: The \[ of this line is never closed\. → Write \]/],
	['a tab', 'steps:\n\t- id: a\n', /^2: This line is indented by a tab\. → Indent by spaces/],
	['a key twice', 'minutes: 5\nminutes: 6\n', /^2: `minutes` stands twice/],
	['a colon left out', 'minutes 5\nsteps:\n  - id: a\n', /^1: After `minutes` a colon is missing\. → Write `minutes: 5`/],
	['a colon left out, of a list', 'minutes: 5\nsteps\n  - id: a\n', /^2: After `steps` a colon is missing\. → Write `steps:/],
	['a space left out', 'minutes:5\nsteps:\n  - id: a\n', /^1: After `minutes:` a space is missing\. → Write `minutes: 5`/],
	['indented too little', 'limits:\n  memory: 1 GiB\n cpus: 1\n', /^3: This line is indented by 1 space, .*line 2 begin after 2 spaces/],
	['indented too much', 'minutes: 5\n steps:\n  - id: a\n', /^2: `minutes` has a value already, and the next line is indented/],
	[
		'indented beside its hyphen',
		'steps:\n  - id: a\n   check: false\n',
		/^3: This line is indented by 3 spaces, .*line 2 begin after 4 spaces/,
	],
	['a quote never closed', 'title: "abc\nminutes: 5\n', /^1: The quote " of this line is never closed/],
	['an apostrophe between single quotes', "title: 'l'apostrophe'\n", /^1: After the closing quote more text follows\. → .*"l'apostrophe"/],
	[
		'a colon in the text',
		'title: Un cours : deux\n',
		/^1: The text has a colon of its own\. → Put it between quotes: title: "Un cours : deux"/,
	],
	['a sign that YAML keeps for itself', 'title: `x`\n', /^1: A value cannot begin with `\. → Put it between quotes: "`x`"/],
	['an asterisk', 'minutes: 5\nsummary: *x*\n', /^2: A value that begins with \* or & .*"\*x\*"/],
	['a percent sign', '%title: x\n', /^1: A line cannot begin with %/],
	['a backslash', 'title: "C:\\dir"\n', /^1: Between double quotes a backslash/],
	['a merge that was not finished', 'minutes: 5\n<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n', /^2: Here two versions/],
];
for (const [name, text, expected] of rows)
	test(name, () => {
		const words = said(text);
		assert.match(words, expected);
		assert.equal(words.split('\n').length, 1, words);
		// What only who wrote the parser understands.
		assert.doesNotMatch(words, /implicit|scalar|sequence|mapping|collection|node|token/i);
	});

test('several tabs are told all at once', () => assert.match(said('steps:\n\t- id: a\nx:\n\t- id: b\n'), /^2: .*tab[\s\S]*\n4: .*tab/));

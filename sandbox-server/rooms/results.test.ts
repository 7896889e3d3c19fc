/** What is left of a class: files for spreadsheets and programs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCourse } from '../http/stand-ins.ts';
import { csvText } from './csv.ts';
import { stepFiguresCsv, stepFiguresOf } from './step-figures.ts';
import { statementsOf, statementsText, uuidOf } from './xapi.ts';

test('a French spreadsheet opens it right: mark, semicolons, decimal commas, accents', () => {
	const rows = [
		['Nom', 'Durée'],
		['Élodie; "Lo"', 1.5],
		['O’Neil', undefined],
	];
	assert.equal(csvText(rows, 'fr'), '\ufeffNom;Durée\r\n"Élodie; ""Lo""";1,5\r\nO’Neil;\r\n');
	assert.equal(csvText(rows, 'en'), '\ufeffNom,Durée\r\n"Élodie; ""Lo""",1.5\r\nO’Neil,\r\n');
});

test('no text is taken for a formula, and none gets out of its cell', () => {
	for (const text of ['=1+1', '+33 6', '-Ada', '@SUM(A1)', '\t=1', '＝1', '\r=1', '=cmd|"/c calc"!A1']) {
		const line = csvText([[text, 'next']], 'fr').slice(1);
		assert.match(line, /^"?'/, JSON.stringify(text));
		assert.ok(line.endsWith(';next\r\n'));
	}
	assert.equal(csvText([['a-b', -1]], 'fr'), '\ufeffa-b;-1\r\n', 'a number of ours stays a number');
	assert.equal(csvText([['a\nb;c', 'd']], 'fr'), '\ufeff"a\nb;c";d\r\n');
});

const step = { lesson: 'first', step: 'pull', hints: 0, solution: false };
const todo = { ...step, state: 'todo' as const, tries: 0 };
/** Joined at 0; passed after a minute and a half, with two hints and the solution; or tried in vain. */
const ada = { name: 'Ada', learner: 'learner-7f3a9c', joined: 0, seen: 99_000 };
const passed = { ...step, state: 'passed' as const, tries: 2, begun: 1000, passed: 90_000, ms: 90_000, hints: 2, solution: true };
const room = { id: '0123456789ab', title: 'Jour 1', course: 'apptainer', starts: 0, ends: 1 };
const results = {
	room,
	people: [
		{ ...ada, steps: [passed] },
		{ ...ada, name: 'Emmy', learner: 'learner-000001', steps: [{ ...todo, state: 'failed' as const, tries: 4, begun: 5000 }] },
		{ ...ada, name: 'Mary', learner: 'learner-000002', steps: [todo] },
	],
};
const at = { origin: 'https://etabli.example.org', course: testCourse };

test('xAPI: who came, what they tried and passed; ids and contents are the same each time, and no e-mail is made up', () => {
	const statements = statementsOf(results, at);
	assert.deepEqual(
		statements.map(({ actor, verb, object }) => `${actor.name} ${verb.display.en} ${object.id.slice(at.origin.length)}`),
		[
			'Ada registered /xapi/rooms/0123456789ab',
			'Ada attempted /xapi/apptainer/first/pull',
			'Ada passed /xapi/apptainer/first/pull',
			'Emmy registered /xapi/rooms/0123456789ab',
			'Emmy attempted /xapi/apptainer/first/pull',
			'Mary registered /xapi/rooms/0123456789ab',
		],
	);
	const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
	for (const { id, context } of statements) for (const one of [id, context.registration]) assert.match(one, uuid);
	assert.equal(new Set(statements.map(({ id }) => id)).size, statements.length);
	assert.equal(uuidOf('a'), '99c083ba-a2cd-515b-9a2f-778d1907f74e');
	assert.deepEqual(statements[2], {
		id: statements[2]?.id,
		version: '1.0.3',
		actor: { objectType: 'Agent', name: 'Ada', account: { homePage: at.origin, name: 'learner-7f3a9c' } },
		verb: { id: 'http://adlnet.gov/expapi/verbs/passed', display: { en: 'passed', fr: 'a réussi' } },
		object: {
			objectType: 'Activity',
			id: `${at.origin}/xapi/apptainer/first/pull`,
			definition: { name: { fr: 'pull', en: 'pull' }, type: 'http://adlnet.gov/expapi/activities/assessment' },
		},
		context: {
			registration: uuidOf(room.id),
			platform: 'Établi',
			contextActivities: {
				parent: [
					{
						objectType: 'Activity',
						id: `${at.origin}/xapi/apptainer/first`,
						definition: { name: { fr: 'a', en: 'a' }, type: 'http://adlnet.gov/expapi/activities/lesson' },
					},
				],
				grouping: statements[2]?.context.contextActivities.grouping,
			},
		},
		timestamp: '1970-01-01T00:01:30.000Z',
		result: {
			success: true,
			completion: true,
			duration: 'PT90.00S',
			extensions: {
				[`${at.origin}/xapi/extensions/tries`]: 2,
				[`${at.origin}/xapi/extensions/hints`]: 2,
				[`${at.origin}/xapi/extensions/solution`]: true,
			},
		},
	});
	const later = { ...results, people: results.people.map((person) => ({ ...person, seen: 10 ** 9 })) };
	assert.deepEqual(statementsOf(later, at), statements, 'a store takes the same file twice');
	assert.deepEqual(JSON.parse([...statementsText(results, at)].join('')), statements, 'the file');
	assert.deepEqual(JSON.parse([...statementsText({ room, people: [] }, at)].join('')), []);
	const elsewhere = statementsOf(results, { ...at, origin: 'https://etabli.example.net' });
	const again = statementsOf({ room, people: [{ ...ada, joined: 500, steps: [{ ...passed, begun: 600, passed: 700 }] }] }, at);
	const ids = [...statements, ...elsewhere, ...again].map(({ id }) => id);
	assert.equal(
		new Set(ids).size,
		ids.length,
		'what says something else has an id of its own: another address, somebody who left and came back',
	);
});

test('per step, for the author: who failed, how long it took, which sentence most read; nobody is named', () => {
	const said = (learner: string, fr: string) => ({ learner, lesson: 'first', step: 'pull', fr, en: `en ${fr}`, times: 1 });
	const figures = stepFiguresOf(results, [said('a', 'Il manque `a.sif`.'), said('b', 'Il manque `b.sif`.'), said('a', 'Non.')]);
	assert.deepEqual(figures.steps, [
		{
			...{ lesson: 'first', step: 'pull', tried: 2, passed: 1, failed: 2, tries: 2, ms: 90_000, hints: 1, solutions: 1 },
			sentence: { text: { fr: 'Il manque `…`.', en: 'en Il manque `…`.' }, people: 2, times: 2 },
		},
	]);
	assert.match(stepFiguresCsv(figures, 'fr'), /\r\nfirst;pull;2;1;2;2;1,5;1;1;Il manque `…`\.;2\r\n$/);
	assert.doesNotMatch(JSON.stringify(figures), /Ada|learner-/);
});

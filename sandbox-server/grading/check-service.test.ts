/** Which step is done, and what is told of it: check scripts run by this machine's shell. (Over 400 lines: the cases share one fixture, and each stands for itself.) */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Course } from '../../src/shared/course/course.ts';
import { courseSchema, lessonSchema } from '../../src/shared/course/course.ts';
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import { Refusal } from '../../src/shared/protocol/refusals.ts';
import { ManualClock } from '../../tests/fixtures/manual-clock.ts';
import type { ScriptResult } from '../agent/agent.ts';
import { bareLab, type Lab } from '../labs/lab.ts';
import type { LessonScripts } from '../labs/script-runner.ts';
import { LearnerValues } from '../sandboxes/learner-values.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';
import type { LearnerRow } from '../store/store.ts';
import { CheckService } from './check-service.ts';

const values = new LearnerValues(Buffer.alloc(32));

const fileCheck = (name: string) => `#!/bin/bash
[ -e ${name} ] && exit 0
[ "$ETABLI_LANG" = fr ] && echo "${name} manque" || echo "${name} is missing"
echo 'hint: 2'
exit 10`;
const step = (id: string, check: string | undefined = fileCheck(id), reset?: string) => ({ id, check, solution: `touch ${id}`, reset });

function courseOf(steps: Course['lessons'][0]['steps']): Course {
	const text = { fr: 'x', en: 'x' };
	const settings = lessonSchema.parse({ minutes: 5, steps: steps.map(({ id }) => ({ id })) });
	const head = { title: 'x', description: 'x' };
	const lesson = { slug: 'first', folder: '01-first', settings, head: { fr: head, en: head }, steps, setup: undefined, files: undefined };
	return { slug: 'demo', path: '/', settings: courseSchema.parse({ title: text, summary: text, authors: ['x'] }), lessons: [lesson] };
}

let folder: string;
let store: SqliteStore;
let learner: LearnerRow;
/** The learner's, of the course for which a service was last made. */
let lab: Lab;
/** What pages in this language are told. */
let told: StepReport[];
let language: Language;
let warnings: object[];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'etabli-checks-'));
	store = openStore(':memory:');
	learner = store.createLearner();
	store.putSandbox({ name: 's1', course: 'demo', learner: learner.id, state: 'ready', created: 0, claimed: 0, seen: 0 });
	told = [];
	language = 'fr';
	warnings = [];
});
afterEach(() => {
	store.close();
	rmSync(folder, { recursive: true });
});

/** Runs scripts by the real shell in a folder of this machine, in place of a sandbox. */
const localRunner: LessonScripts = {
	sandboxName: () => 's1',
	runScript: async (_lab, _lesson, { script, env, stdin }): Promise<ScriptResult> => {
		writeFileSync(join(folder, '.script'), script, { mode: 0o700 });
		const result = spawnSync(join(folder, '.script'), {
			cwd: folder,
			env: { ...env, PATH: process.env['PATH'] },
			input: Buffer.from(stdin ?? ''),
			encoding: 'utf8',
		});
		if (result.error) return { outcome: 'not-started', code: 8, ms: 0, stdout: '', stderr: '' };
		return { outcome: result.signal ? 'signal' : 'exited', code: result.status ?? 9, ms: 1, stdout: result.stdout, stderr: result.stderr };
	},
};

const serviceFor = (course: Course, scripts = localRunner) => {
	lab = bareLab({ owner: learner, course });
	const service = new CheckService({ store, values, scripts, log: { warn: (detail) => warnings.push(detail) } });
	service.subscribe((_lab, report) => told.push(report(language)));
	return service;
};
const make = (name: string) => writeFileSync(join(folder, name), '');
const states = (service: CheckService, whose = lab) => service.reports(whose, 'first', 'fr').map(({ state }) => state);
const command = (text: string, exit: number, lesson = 'first') =>
	store.addCommand({
		sandbox: 's1',
		terminal: `${lesson}/1`,
		at: Date.now(),
		command: text,
		exit,
		folder: '/home/learner',
		ms: 3,
		offset: 10n,
	});

test('a command that ends brings the current step to failed with its sentence and hint, then to passed; the next one has not been begun', async () => {
	const service = serviceFor(courseOf([step('one'), step('two'), step('three')]));
	await service.commandEnded(lab, 'first');
	assert.deepEqual(told, [{ lesson: 'first', step: 'one', state: 'failed', message: 'one manque', hint: 2 }]);
	make('one');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(
		told.slice(1).map(({ step: id, state }) => [id, state]),
		[
			['one', 'passed'],
			['two', 'todo'],
		],
	);
	assert.deepEqual(states(service), ['passed', 'todo', 'todo']);
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['passed', 'failed', 'todo'], 'the next command is one for it');
});

test('another version of the course: steps that are gone disappear, those that stayed stay passed, and a step that comes back is as it was', async () => {
	for (const name of ['one', 'two']) make(name);
	const before = serviceFor(courseOf([step('one'), step('two'), step('three')]));
	const old = lab;
	await before.commandEnded(lab, 'first');
	assert.deepEqual(states(before, old), ['passed', 'passed', 'todo']);
	const after = serviceFor(courseOf([step('new'), step('two')]));
	assert.deepEqual(
		after.reports(lab, undefined, 'fr').map(({ step: id, state }) => [id, state]),
		[
			['new', 'todo'],
			['two', 'passed'],
		],
	);
	make('new');
	await after.commandEnded(lab, 'first');
	assert.deepEqual(states(after), ['passed', 'passed']);
	assert.deepEqual(after.reports(lab, 'gone', 'fr'), [], 'a lesson that is gone');
	after.focus(lab, 'gone', { step: 'one' });
	await after.commandEnded(lab, 'gone');
	assert.deepEqual(states(before, old), ['passed', 'passed', 'todo']);
});

test('messages are in the language of the page', async () => {
	const service = serviceFor(courseOf([step('one')]));
	language = 'en';
	service.enter(lab, 'first', 'en');
	await service.commandEnded(lab, 'first');
	assert.equal(told[0]?.message, 'one is missing');
	assert.deepEqual(
		service.reports(lab, 'first', 'fr'),
		[{ lesson: 'first', step: 'one', state: 'failed', hint: 2 }],
		'no sentence in the other language',
	);
});

test('a passed step stays passed when its work is taken away', async () => {
	const service = serviceFor(courseOf([step('one')]));
	make('one');
	await service.commandEnded(lab, 'first');
	rmSync(join(folder, 'one'));
	assert.equal((await service.check(lab, 'first', 'one', 'fr')).state, 'passed');
	assert.deepEqual(states(service), ['passed']);
});

test('the step in view is judged even if an earlier one is not done', async () => {
	const service = serviceFor(courseOf([step('one'), step('two'), step('three')]));
	service.focus(lab, 'first', { step: 'two' });
	make('two');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['todo', 'passed', 'todo']);
	service.focus(lab, 'first', { step: 'no-such-step' });
	await service.commandEnded(lab, 'first');
});

test('reading ahead fails no step: only what is next in view, or has been begun, is said not to be done', async () => {
	const service = serviceFor(courseOf([step('one'), step('two'), step('three'), step('four')]));
	service.focus(lab, 'first', { step: 'four' });
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['todo', 'todo', 'todo', 'todo']);
	// They press a button in it: then they work on it.
	service.focus(lab, 'first', { step: 'four', begun: true });
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['todo', 'todo', 'todo', 'failed']);
	// Back at the first: it is next, and in view.
	service.focus(lab, 'first', { step: 'one' });
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['failed', 'todo', 'todo', 'failed']);
	make('one');
	told.length = 0;
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['passed', 'todo', 'todo', 'failed']);
	assert.deepEqual(
		told.filter(({ state }) => state !== 'todo').map(({ state }) => state),
		['passed'],
	);
});

for (const [name, script] of [
	['exits with another status', '#!/bin/bash\nexit 3'],
	['meets an unknown command', '#!/bin/bash\nset -e\nno-such-command'],
	['is killed', '#!/bin/bash\nkill -9 $$'],
	['has no interpreter', '#!/no/such/interpreter\n'],
] as const) {
	test(`a check that ${name} is an error, told as not the learner's, logged, and does not stop the next`, async () => {
		const service = serviceFor(courseOf([step('one', script), step('two')]));
		make('two');
		await service.commandEnded(lab, 'first');
		assert.deepEqual(states(service), ['error', 'passed']);
		assert.match(told[0]?.message ?? '', /pas de votre fait|n’a pas pu démarrer/);
		assert.equal(warnings.length, 1);
		// A page that is loaded again does not show it: it was so at that moment.
		service.enter(lab, 'first', 'fr')();
		service.enter(lab, 'first', 'fr');
		assert.deepEqual(states(service), ['todo', 'passed']);
	});
}

test('a check sees the commands of its lesson, since its last reset', async () => {
	const service = serviceFor(
		courseOf([step('one', `#!/bin/bash\ngrep -P '^0\\t\\d+\\tfirst/1\\t/home/learner\\tls a\\\\tb$' >/dev/null || exit 10`)]),
	);
	const judged = async () => (await service.check(lab, 'first', 'one', 'fr')).state;
	command('ls a\tb', 1);
	command('ls a\tb', 0, 'other');
	assert.equal(await judged(), 'failed');
	command('ls a\tb', 0);
	assert.equal(await judged(), 'passed');
	await new Promise((resolve) => setTimeout(resolve, 2)); // the reset must not fall into the same millisecond as the command
	assert.equal((await service.reset(lab, 'first', 'one')).state, 'todo');
	assert.equal(await judged(), 'failed');
});

test('reset takes the work away; a reset script that fails leaves the verdict', async () => {
	const service = serviceFor(courseOf([step('one', undefined, '#!/bin/sh\nrm one'), step('two')]));
	service.focus(lab, 'first', { step: 'one' });
	const withCheck = serviceFor(courseOf([step('one', fileCheck('one'), '#!/bin/sh\nrm one')]));
	make('one');
	assert.equal((await withCheck.check(lab, 'first', 'one', 'fr')).state, 'passed');
	assert.equal((await withCheck.reset(lab, 'first', 'one')).state, 'todo');
	assert.equal(existsSync(join(folder, 'one')), false);
	make('one');
	await withCheck.check(lab, 'first', 'one', 'fr');
	rmSync(join(folder, 'one'));
	await assert.rejects(withCheck.reset(lab, 'first', 'one'), Refusal);
	assert.deepEqual(states(withCheck), ['passed']);
});

test('a step to read is done by saying so; one with a check is not', () => {
	const reading = { id: 'read', check: undefined, solution: undefined, reset: undefined };
	const service = serviceFor(courseOf([reading, step('one')]));
	assert.equal(service.done(lab, 'first', 'read').state, 'passed');
	assert.throws(() => service.done(lab, 'first', 'one'), Refusal);
	assert.throws(() => service.done(lab, 'first', 'none'), Refusal);
});

test('forget brings every step back to todo', async () => {
	const service = serviceFor(courseOf([step('one'), step('two')]));
	make('one');
	await service.commandEnded(lab, 'first');
	service.forget(lab, 'first');
	assert.deepEqual(states(service), ['todo', 'todo']);
});

test('what a check prints reaches the page without escape sequences, with what cannot be seen spelt out, and cut to a sentence or two', async () => {
	const service = serviceFor(
		courseOf([
			step(
				'one',
				`#!/bin/bash\nprintf '\\e[31mred\\e[0m \\e]0;title\\a\\x01\\xe2\\x80\\xae'; head -c 5000 /dev/zero | tr '\\0' x; exit 10`,
			),
		]),
	);
	await service.commandEnded(lab, 'first');
	const message = told[0]?.message ?? '';
	assert.match(message, /^red \\u0001\\u202ex+$/);
	assert.equal(message.length, 600);
});

test('commands that end while checks run are judged once more, not once each', async () => {
	let runs = 0;
	let release = () => {};
	const slow: LessonScripts = {
		...localRunner,
		runScript: async () => {
			runs++;
			await new Promise<void>((resolve) => {
				release = resolve;
			});
			return { outcome: 'exited', code: 10, ms: 0, stdout: '', stderr: '' };
		},
	};
	const service = serviceFor(courseOf([step('one')]), slow);
	const first = service.commandEnded(lab, 'first');
	for (let i = 0; i < 10; i++) void service.commandEnded(lab, 'first');
	release();
	while (runs < 2) await new Promise((resolve) => setImmediate(resolve));
	release();
	await first;
	assert.equal(runs, 2);
});

test('without a sandbox a check is refused, not judged', async () => {
	const none: LessonScripts = {
		sandboxName: () => undefined,
		runScript: async () => {
			throw new Refusal('no-sandbox');
		},
	};
	const service = serviceFor(courseOf([step('one')]), none);
	await assert.rejects(service.check(lab, 'first', 'one', 'fr'), { code: 'no-sandbox' });
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['todo']);
});

test('what the check says now: also of a step that was passed; nothing is kept, and its author sees all that it printed', async () => {
	const judged: string[] = [];
	const course = courseOf([step('a')]);
	lab = bareLab({ owner: learner, course });
	const service = new CheckService({
		store,
		values,
		scripts: localRunner,
		onCheckRun: ({ step: id, state, result }) => judged.push(`${id} ${state} ${result.code}`),
		log: { warn: () => assert.fail('the check did not break') },
	});
	service.subscribe((_lab, report) => told.push(report(language)));
	make('a');
	assert.equal((await service.check(lab, 'first', 'a', 'en')).state, 'passed');
	rmSync(join(folder, 'a'));
	told = [];
	assert.deepEqual(await service.check(lab, 'first', 'a', 'en', 'self'), {
		lesson: 'first',
		step: 'a',
		state: 'failed',
		message: 'a is missing',
		hint: 2,
	});
	assert.deepEqual(told, []);
	assert.deepEqual(states(service), ['passed']);
	assert.deepEqual(judged, ['a passed 0', 'a failed 10']);
});

test('a learner whose checks hang holds up nobody else, and cannot ask for more without end', async () => {
	const ends: (() => void)[] = [];
	const passed: ScriptResult = { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' };
	const hanging: LessonScripts = {
		sandboxName: () => 's1',
		runScript: ({ owner }) =>
			owner.id === learner.id ? new Promise((resolve) => ends.push(() => resolve(passed))) : Promise.resolve(passed),
	};
	const service = serviceFor(courseOf([step('one')]), hanging);
	const asked = Array.from({ length: 40 }, () => service.check(lab, 'first', 'one', 'fr', 'self'));
	const outcomes = Promise.allSettled(asked);
	const other = bareLab({ owner: store.createLearner(), course: lab.course });
	assert.equal((await service.check(other, 'first', 'one', 'fr')).state, 'passed');
	await assert.rejects(service.check(lab, 'first', 'one', 'fr'), { code: 'too-many' });
	while (ends.length > 0) {
		ends.shift()?.();
		await new Promise((resolve) => setImmediate(resolve));
	}
	const served = (await outcomes).filter(({ status }) => status === 'fulfilled');
	assert.ok(served.length >= 2 && served.length < 40, `${served.length} of 40 were served`);
});

test('many learners whose checks hang, as when they stop them, keep nobody waiting for longer than a moment', async () => {
	const clock = new ManualClock();
	const course = courseOf([step('one')]);
	const passed: ScriptResult = { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' };
	const overs: (() => void)[] = [];
	const labs = Array.from({ length: 9 }, () => bareLab({ owner: store.createLearner(), course }));
	const honest = labs.at(-1);
	const scripts: LessonScripts = {
		sandboxName: () => 's1',
		runScript: async (whose) => {
			if (whose !== honest) await new Promise<void>((resolve) => overs.push(resolve));
			return passed;
		},
	};
	const service = new CheckService({ store, values, scripts, clock, log: { warn: () => undefined } });
	const check = (whose: Lab) => service.check(whose, 'first', 'one', 'fr', 'self');
	const hanging = labs.slice(0, -1).flatMap((one) => [check(one), check(one), check(one)]);
	let answered = false;
	const answer = check(labs.at(-1) as Lab).then(() => {
		answered = true;
	});
	await clock.advance(100);
	assert.equal(answered, false, 'every place is taken');
	await clock.advance(500);
	assert.equal(answered, true, 'while those who stopped theirs still hold their own');
	while (overs.length > 0) {
		overs.shift()?.();
		await clock.advance(0);
	}
	await Promise.all([...hanging, answer]);
	assert.equal(clock.pending, 0);
});

test('a check that ran out of time runs again by itself, once; a command that ends meanwhile is enough', async () => {
	const clock = new ManualClock();
	const answers = { slow: { outcome: 'time-limit', code: 0 }, passed: { outcome: 'exited', code: 0 } } as const;
	let says: keyof typeof answers = 'slow';
	let runs = 0;
	const scripts: LessonScripts = {
		sandboxName: () => 's1',
		runScript: async () => {
			runs++;
			return { ...answers[says], ms: 1, stdout: '', stderr: '' };
		},
	};
	const service = new CheckService({ store, values, scripts, clock, log: { warn: () => undefined } });
	const stands = () => service.reports(lab, 'first', 'en')[0]?.state;
	lab = bareLab({ owner: learner, course: courseOf([step('one')]) });
	await service.commandEnded(lab, 'first');
	assert.deepEqual([stands(), runs], ['error', 1]);
	await clock.advance(60_000);
	assert.deepEqual([stands(), runs, clock.pending], ['error', 2, 0], 'once');
	await Promise.all([service.commandEnded(lab, 'first'), service.commandEnded(lab, 'first')]);
	assert.equal(runs, 4);
	await service.commandEnded(lab, 'first');
	await clock.advance(60_000);
	assert.deepEqual([runs, clock.pending], [6, 0], 'once after the last of them');
	await service.commandEnded(lab, 'first');
	service.close();
	await clock.advance(60_000);
	assert.deepEqual([runs, clock.pending], [7, 0], 'not when the server ends');
	await service.commandEnded(lab, 'first');
	says = 'passed';
	await clock.advance(60_000);
	assert.deepEqual([stands(), runs, clock.pending], ['passed', 9, 0]);
	const leave = service.enter(lab, 'first', 'en');
	says = 'slow';
	store.forgetSteps(lab.key, 'first');
	await service.commandEnded(lab, 'first');
	leave();
	await clock.advance(60_000);
	assert.deepEqual([runs, clock.pending], [10, 0], 'nor when nobody looks any more');
});

test('checks that the end of the agent cut off run again when the sandbox answers again, and no others', async () => {
	let answers = false;
	let runs = 0;
	const scripts: LessonScripts = {
		sandboxName: () => (answers ? 's1' : undefined),
		runScript: async () => {
			if (!answers) throw new Refusal('sandbox-busy', 'the agent went away');
			runs++;
			return { outcome: 'exited', code: 0, ms: 1, stdout: '', stderr: '' };
		},
	};
	const service = serviceFor(courseOf([step('one')]), scripts);
	const stands = () => service.reports(lab, 'first', 'en')[0]?.state;
	await service.commandEnded(lab, 'first');
	service.sandboxChanged(lab);
	await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual([stands(), runs], ['todo', 0]);
	answers = true;
	service.sandboxChanged(bareLab({ owner: store.createLearner(), course: lab.course }));
	assert.equal(runs, 0, 'somebody else’s');
	service.sandboxChanged(lab);
	await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual([stands(), runs], ['passed', 1]);
	service.sandboxChanged(lab);
	await new Promise((resolve) => setImmediate(resolve));
	assert.equal(runs, 1);
});

test('the same work judged by a neighbour’s values; nothing is kept', async () => {
	const course = courseOf([step('a', '#!/bin/sh\necho "$ANIMAL"\n[ "$ANIMAL" = mine ] || exit 10')]);
	for (const { settings } of course.lessons) settings.parameters = { animal: { kind: 'choice', choices: ['heron', 'otter'] } };
	// The place gives the learner's own; what the request has counts more.
	const scripts: LessonScripts = {
		...localRunner,
		runScript: (whose, lesson, request) => localRunner.runScript(whose, lesson, { ...request, env: { ANIMAL: 'mine', ...request.env } }),
	};
	const service = serviceFor(course, scripts);
	assert.equal((await service.check(lab, 'first', 'a', 'en', 'self')).state, 'passed');
	const judged = await service.check(lab, 'first', 'a', 'en', 'neighbour');
	assert.deepEqual([judged.state, /^(heron|otter)$/.test(judged.message ?? '')], ['failed', true]);
	assert.deepEqual([told, states(service)], [[], ['todo']]);
});

test('a step that comes after others is not looked at before they are passed, and says which when it is in view', async () => {
	const service = serviceFor(courseOf([step('one'), step('two'), { ...step('three'), after: ['one', 'two'] }, step('four')]));
	make('three');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['failed', 'todo', 'todo', 'todo']);
	service.focus(lab, 'first', { step: 'three' });
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['failed', 'todo', 'todo', 'todo']);
	service.focus(lab, 'first', { step: 'three', begun: true });
	await service.commandEnded(lab, 'first');
	assert.equal(told.at(-1)?.message, 'Cette étape vient après les étapes 1 et 2 : faites-les d’abord.');
	make('one');
	const asked = await service.check(lab, 'first', 'three', 'en');
	assert.deepEqual([asked.state, asked.message], ['failed', 'This step comes after steps 1 and 2: do those first.']);
	make('two');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['passed', 'passed', 'passed', 'todo'], 'what was waited for is looked at in the same round');
});

test('a step that waits does not hold up those after it', async () => {
	const service = serviceFor(courseOf([step('one'), { ...step('two'), after: ['one'] }, step('three')]));
	service.focus(lab, 'first', { step: 'three' });
	make('three');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['todo', 'todo', 'passed']);
});

test('a step that has to hold falls back when it is no longer so, comes back, and stays once the lesson is finished', async () => {
	const service = serviceFor(courseOf([{ ...step('one'), holds: 'now' }, step('two'), step('three')]));
	make('one');
	make('two');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['passed', 'passed', 'todo']);
	rmSync(join(folder, 'one'));
	rmSync(join(folder, 'two'));
	await service.commandEnded(lab, 'first');
	assert.deepEqual(
		service.reports(lab, 'first', 'fr').map(({ state, message, hint }) => [state, message, hint]),
		[
			['failed', 'Cette étape était faite, mais ne l’est plus. one manque', 2],
			['passed', undefined, undefined],
			['todo', undefined, undefined],
		],
	);
	make('three');
	service.focus(lab, 'first', { step: 'three' });
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['failed', 'passed', 'passed']);
	make('one');
	await service.commandEnded(lab, 'first');
	assert.deepEqual(states(service), ['passed', 'passed', 'passed']);
	rmSync(join(folder, 'one'));
	await service.commandEnded(lab, 'first');
	assert.equal((await service.check(lab, 'first', 'one', 'fr')).state, 'passed');
	assert.deepEqual(states(service), ['passed', 'passed', 'passed']);
});

test('a step that has to hold and whose check breaks keeps its pass', async () => {
	const breaking = '#!/bin/bash\n[ -e broken ] && exit 3\nexit 0';
	const service = serviceFor(courseOf([{ ...step('one', breaking), holds: 'now' }, step('two')]));
	await service.commandEnded(lab, 'first');
	make('broken');
	await service.commandEnded(lab, 'first');
	assert.equal(states(service)[0], 'passed');
	assert.equal(warnings.length, 1);
});

test('on a busy machine a check has longer, and is told by how much', async () => {
	const asked: { timeLimitMs: number; patience: string | undefined }[] = [];
	const scripts: LessonScripts = {
		...localRunner,
		runScript: async (of, slug, request) => {
			asked.push({ timeLimitMs: request.timeLimitMs, patience: request.env['ETABLI_PATIENCE'] });
			return await localRunner.runScript(of, slug, request);
		},
	};
	const course = courseOf([step('one')]);
	lab = bareLab({ owner: learner, course });
	let patience = 1;
	const service = new CheckService({ store, values, scripts, log: { warn: () => {} }, patience: () => patience });
	await service.check(lab, 'first', 'one', 'fr');
	patience = 4;
	await service.check(lab, 'first', 'one', 'fr');
	assert.deepEqual(asked, [
		{ timeLimitMs: 10_000, patience: '1' },
		{ timeLimitMs: 40_000, patience: '4' },
	]);
});

const quizStep = (id: string, ids: string[], quizOnly: boolean) => {
	const quizzes = ids.map((quiz) => ({ id: quiz, fail: { fr: `${quiz} ?`, en: `${quiz}?` }, hint: 1 }));
	return {
		...step(id, quizOnly ? '' : `#!/bin/sh\n[ -e ${id} ] && [ "$ETABLI_QUIZZES" = "${ids.join(' ')}" ] || exit 10`),
		quizzes,
		quizOnly,
	};
};
const quiz = (id: string) => ({ id, step: undefined, choices: { fr: 3, en: 3 }, correct: { fr: [0, 2], en: [1] } });
function quizCourse(steps: Course['lessons'][0]['steps']): Course {
	const course = courseOf(steps);
	for (const lesson of course.lessons) lesson.quizzes = [quiz('a'), quiz('b')];
	return course;
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a step of questions alone is judged by its answers, with no sandbox at all', async () => {
	const none: LessonScripts = { sandboxName: () => undefined, runScript: () => assert.fail('there is none') };
	const service = serviceFor(quizCourse([quizStep('one', ['a', 'b'], true)]), none);
	const answer = (id: string, choices: number[], language: 'fr' | 'en' = 'fr') =>
		service.answer(lab, { lesson: 'first', quiz: id, choices, language });
	assert.equal((await service.check(lab, 'first', 'one', 'en')).message, 'a?');
	assert.equal(answer('a', [0]), false, 'one of two right choices');
	assert.equal(answer('a', [0, 1, 2]), false, 'a wrong one as well');
	assert.equal(answer('a', [2, 0, 2]), true, 'in any order');
	await settled();
	assert.deepEqual(told.at(-1), { lesson: 'first', step: 'one', state: 'failed', message: 'b ?', hint: 1 });
	assert.equal(answer('b', [1], 'en'), true, 'as the English page has them');
	await settled();
	assert.deepEqual(states(service), ['passed']);
	assert.throws(() => answer('c', [1]), { code: 'not-found' });
	await service.reset(lab, 'first', 'one');
	assert.equal((await service.check(lab, 'first', 'one', 'fr')).message, 'a ?', 'a reset forgets the answers');
});

test('a check learns of the answers; a wrong one takes the place of a right one; progress that is forgotten takes them along', async () => {
	const service = serviceFor(quizCourse([quizStep('one', ['a'], false), step('two')]));
	const answer = (choices: number[]) => service.answer(lab, { lesson: 'first', quiz: 'a', choices, language: 'fr' });
	answer([0, 2]);
	await settled();
	answer([1]);
	await settled();
	make('one');
	assert.equal((await service.check(lab, 'first', 'one', 'fr')).state, 'failed');
	answer([0, 2]);
	await service.commandEnded(lab, 'first');
	assert.equal((await service.check(lab, 'first', 'one', 'fr')).state, 'passed');
	service.forget(lab, 'first');
	assert.deepEqual(store.quizzes(lab.key, 'first'), []);
	assert.equal((await service.check(lab, 'first', 'one', 'fr')).state, 'failed');
});

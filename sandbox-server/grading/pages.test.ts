/** What open pages see of the checks: each in its language, over reloads, beside other pages. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import type { ScriptResult } from '../agent/agent.ts';
import { testCourse } from '../http/stand-ins.ts';
import { bareLab } from '../labs/lab.ts';
import { LearnerValues } from '../sandboxes/learner-values.ts';
import { openStore } from '../store/sqlite-store.ts';
import { CheckService } from './check-service.ts';

/** Every check fails, in the language that it is run in, until the work is done. */
function openChecks(t: TestContext) {
	const store = openStore(':memory:');
	t.after(() => store.close());
	const lab = bareLab({ owner: store.createLearner(), course: testCourse });
	const work = { sandbox: 'a', done: false, runs: [] as string[], broken: undefined as Partial<ScriptResult> | undefined };
	const runScript = async (_lab: unknown, _lesson: string, { env }: { env: Record<string, string> }): Promise<ScriptResult> => {
		work.runs.push(env['ETABLI_LANG'] ?? '');
		const stdout = env['ETABLI_LANG'] === 'en' ? 'not yet' : 'pas encore';
		return { outcome: 'exited', code: work.done ? 0 : 10, ms: 1, stdout, stderr: '', ...work.broken };
	};
	const checks = new CheckService({
		store,
		values: new LearnerValues(Buffer.alloc(32)),
		scripts: { runScript, sandboxName: () => work.sandbox },
		log: { warn: () => {} },
	});
	const heard: Record<Language, StepReport[]> = { fr: [], en: [] };
	const stop = checks.subscribe((_lab, report) => {
		for (const language of ['fr', 'en'] as const) heard[language].push(report(language));
	});
	const shown = (language: Language) => checks.reports(lab, 'first', language).find(({ step }) => step === 'pull');
	return { checks, lab, work, heard, stop, shown };
}

const failed = { lesson: 'first', step: 'pull', state: 'failed' } as const;

test('a page hears of its steps in its own language, and not in another one', async (t) => {
	const { checks, lab, heard, stop } = openChecks(t);
	await checks.check(lab, 'first', 'pull', 'en');
	assert.deepEqual(heard.en, [{ ...failed, message: 'not yet' }]);
	assert.deepEqual(heard.fr, [failed]);
	stop();
	checks.done(lab, 'first', 'read');
	assert.equal(heard.en.length, 1);
});

test('two pages in two languages: neither takes the other’s sentence away, and both get theirs', async (t) => {
	const { checks, lab, work, heard, shown } = openChecks(t);
	const leaveFrench = checks.enter(lab, 'first', 'fr');
	await checks.commandEnded(lab, 'first');
	assert.deepEqual(shown('fr'), { ...failed, message: 'pas encore' });
	const leaveEnglish = checks.enter(lab, 'first', 'en');
	assert.deepEqual(shown('fr'), { ...failed, message: 'pas encore' }, 'as it was');
	assert.deepEqual(shown('en'), failed, 'the same state; the sentence comes with the next check');
	await checks.commandEnded(lab, 'first');
	assert.deepEqual([shown('fr')?.message, shown('en')?.message], ['pas encore', 'not yet']);
	assert.deepEqual([heard.fr.at(-1)?.message, heard.en.at(-1)?.message], ['pas encore', 'not yet']);
	await checks.check(lab, 'first', 'pull', 'fr');
	assert.deepEqual([shown('fr')?.message, shown('en')?.message], ['pas encore', 'not yet']);
	leaveEnglish();
	work.runs.length = 0;
	await checks.commandEnded(lab, 'first');
	assert.deepEqual(work.runs, ['fr'], 'one page, one run');
	work.done = true;
	await checks.commandEnded(lab, 'first');
	assert.deepEqual([shown('fr')?.state, shown('en')?.state], ['passed', 'passed']);
	leaveFrench();
});

test('what is not right yet is remembered over a reload of the page, and not over another sandbox', async (t) => {
	const { checks, lab, work, shown } = openChecks(t);
	const [one, two] = [checks.enter(lab, 'first', 'en'), checks.enter(lab, 'first', 'en')];
	await checks.check(lab, 'first', 'pull', 'en');
	one();
	one();
	assert.equal(shown('en')?.state, 'failed');
	two();
	const again = checks.enter(lab, 'first', 'en');
	assert.equal(shown('en')?.state, 'failed');
	again();
	work.sandbox = 'b';
	checks.enter(lab, 'first', 'en');
	assert.equal(shown('en')?.state, 'todo');
});

test('that a check broke is of its moment: a page that is loaded again does not say so', async (t) => {
	const { checks, lab, work, shown } = openChecks(t);
	for (const broken of [{ outcome: 'time-limit', code: -1 }, { outcome: 'not-started', code: 2 }, { code: 70 }] as const) {
		const leave = checks.enter(lab, 'first', 'en');
		work.broken = broken;
		await checks.check(lab, 'first', 'pull', 'en');
		assert.equal(shown('en')?.state, 'error');
		leave();
		const again = checks.enter(lab, 'first', 'en');
		assert.equal(shown('en')?.state, 'todo', JSON.stringify(broken));
		work.broken = undefined;
		await checks.commandEnded(lab, 'first');
		assert.equal(shown('en')?.state, 'failed');
		again();
	}
});

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { WebSocket } from 'ws';
import type { StepReport } from '../src/shared/api.ts';
import type { Language } from '../src/shared/language.ts';
import { CheckService } from './checks/check-service.ts';
import type { ScriptResult } from './holder/holder.ts';
import { testCourse } from './http/stand-ins.ts';
import { Arrivals, PageSteps } from './pages.ts';
import { openStore } from './store/sqlite-store.ts';
import { LearnerValues } from './values.ts';

/** Every check fails, in the language that it is run in. */
const failing = async (language: string | undefined): Promise<ScriptResult> => ({
	outcome: 'exited',
	code: 10,
	ms: 1,
	stdout: language === 'en' ? 'not yet' : 'pas encore',
	stderr: '',
});

test('a page hears of its steps in its own language, and not in another one', async () => {
	const store = openStore(':memory:');
	const learner = store.createLearner();
	const pageSteps = new PageSteps(() => checks);
	const checks: CheckService = new CheckService({
		courses: [testCourse],
		store,
		values: new LearnerValues(Buffer.alloc(32)),
		place: { runScript: (_learner, _course, _lesson, request) => failing(request.env['ETABLI_LANG']), sandboxName: () => 'a' },
		onReport: (who, course, report) => pageSteps.tell(who, course, report),
		log: { warn: () => {} },
	});
	const heard: Record<Language, StepReport[]> = { fr: [], en: [] };
	const stop = pageSteps.subscribe((_learner, _course, report) => {
		for (const language of ['fr', 'en'] as const) heard[language].push(report(language));
	});
	await checks.check(learner, 'apptainer', 'first', 'pull', 'en');
	assert.deepEqual(heard.en, [{ lesson: 'first', step: 'pull', state: 'failed', message: 'not yet' }]);
	assert.deepEqual(heard.fr, [{ lesson: 'first', step: 'pull', state: 'failed' }]);
	stop();
	checks.done(learner, 'apptainer', 'first', 'read');
	assert.equal(heard.en.length, 1);
	store.close();
});

test('what is not right yet is remembered over a reload of the page, and not over another sandbox', async () => {
	const store = openStore(':memory:');
	let sandbox = 'a';
	const learner = store.createLearner();
	const checks = new CheckService({
		courses: [testCourse],
		store,
		values: new LearnerValues(Buffer.alloc(32)),
		place: { runScript: (_learner, _course, _lesson, request) => failing(request.env['ETABLI_LANG']), sandboxName: () => sandbox },
		onReport: () => {},
		log: { warn: () => {} },
	});
	const arrivals = new Arrivals({ accept: () => {}, close: async () => {} }, checks);
	const [one, two] = [new EventEmitter(), new EventEmitter()];
	for (const socket of [one, two]) arrivals.accept(socket as WebSocket, { learner, course: 'apptainer', lesson: 'first', language: 'en' });
	await checks.check(learner, 'apptainer', 'first', 'pull', 'en');
	const state = () => checks.reports(learner, 'apptainer', 'first', 'en').find(({ step }) => step === 'pull')?.state;
	one.emit('close');
	assert.equal(state(), 'failed');
	two.emit('close');
	const come = () => {
		const socket = new EventEmitter();
		arrivals.accept(socket as WebSocket, { learner, course: 'apptainer', lesson: 'first', language: 'en' });
		return socket;
	};
	const again = come();
	assert.equal(state(), 'failed');
	again.emit('close');
	sandbox = 'b';
	come();
	assert.equal(state(), 'todo');
	store.close();
});

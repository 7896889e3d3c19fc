import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckRun } from '../grading/check-runner.ts';
import { tellChecks } from './tell-checks.ts';

const judged = (state: CheckRun['state'], result: Partial<CheckRun['result']>): CheckRun => ({
	learner: 'learner-1',
	course: 'ours',
	lesson: 'first',
	step: 'copy',
	language: 'fr',
	state,
	result: { outcome: 'exited', code: 0, ms: 12, stdout: '', stderr: '', ...result },
});

test('each new answer of a check is told once; a broken one with all that it printed and how it was run', () => {
	const said: string[] = [];
	const tell = tellChecks({ say: (text) => said.push(text) });
	const not = judged('failed', { code: 10, stdout: 'Il manque x.\nhint: 1\n' });
	for (const each of [not, not, judged('error', { code: 127, stderr: 'pas: not found' }), judged('passed', {}), not]) tell(each);
	assert.equal(said.length, 4);
	assert.equal(said[0], '· ours/first, check of "copy" (12 ms): not yet: Il manque x. | hint: 1');
	assert.match(
		said[1] ?? '',
		/^✗ .*broke\n {4}The script ended with status 127 and printed:\n {4}pas: not found\n {4}It was run by its #! line.*ETABLI_STEP=copy/,
	);
	assert.match(said[2] ?? '', /^✓ .*passed$/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyReport, initialSteps, passedCount } from './step-list.ts';

const steps = initialSteps(['a', 'b']);

test('a report changes its step and no other', () => {
	const after = applyReport(steps, 'one', { lesson: 'one', step: 'b', state: 'failed', message: 'no', hint: 2 });
	assert.deepEqual(after, [steps[0], { id: 'b', state: 'failed', message: 'no', hint: 2 }]);
	assert.equal(passedCount(applyReport(after, 'one', { lesson: 'one', step: 'a', state: 'passed' })), 1);
});

test('another lesson, an unknown step and a repeated report change nothing', () => {
	assert.equal(applyReport(steps, 'one', { lesson: 'two', step: 'a', state: 'passed' }), steps);
	assert.equal(applyReport(steps, 'one', { lesson: 'one', step: 'z', state: 'passed' }), steps);
	assert.equal(applyReport(steps, 'one', { lesson: 'one', step: 'a', state: 'todo' }), steps);
});

test('the message stays readable while the check runs again, and goes when it passes', () => {
	const failed = applyReport(steps, 'one', { lesson: 'one', step: 'a', state: 'failed', message: 'no' });
	const checking = applyReport(failed, 'one', { lesson: 'one', step: 'a', state: 'checking' });
	assert.equal(checking[0]?.message, 'no');
	assert.equal(applyReport(checking, 'one', { lesson: 'one', step: 'a', state: 'passed' })[0]?.message, undefined);
});

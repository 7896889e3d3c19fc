/** Every lesson of every course is proved: in both languages, by its solutions and by the run blocks of its text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultLines, summary } from '../../sandbox-server/tools/rehearsal/report.ts';
import { patience } from '../../sandbox-server/tools/testing/slowness.ts';
import { loadCourses } from '../../src/courses/load.ts';
import { taughtCourses } from '../fixtures/server.ts';
import { proveForReal } from '../fixtures/stage.ts';

test('every check of every lesson fails before its step and passes after it', { timeout: patience(2_700_000) }, async (t) => {
	const begun = performance.now();
	const proofs = await proveForReal(t, { courses: taughtCourses });
	t.diagnostic(summary(proofs, performance.now() - begun));
	assert.deepEqual(faultLines(proofs), []);
	for (const { lessons } of loadCourses(taughtCourses).courses) {
		for (const { slug, steps } of lessons) {
			for (const language of ['fr', 'en']) {
				const proved = proofs.filter((proof) => proof.lesson === slug && proof.language === language && proof.way === 'solution');
				assert.deepEqual(
					proved.map(({ step }) => step),
					steps.filter(({ check }) => check !== undefined).map(({ id }) => id),
				);
			}
		}
	}
});

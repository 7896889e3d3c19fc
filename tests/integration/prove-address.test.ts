/** `prove --address`: on a server that runs already, and asks for an access code. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { makeCourse } from '../../sandbox-server/tools/authoring/make.ts';
import { WholeServer } from '../fixtures/server.ts';

test('prove on a server that asks for an access code says what a broken check printed, and without the code what is missing', async (t) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(courses, { recursive: true, force: true }));
	const course = makeCourse(courses, 'ours');
	writeFileSync(
		join(course, '01-first-steps/checks/copy.sh'),
		'#!/bin/sh\necho "half of a sentence"\necho "the disk of the check is odd" >&2\nexit 3\n',
	);
	const server = await WholeServer.start({ courses, accessCode: 'sesame opens' });
	t.after(() => server.stop());
	const prove = (address: string): Promise<{ status: unknown; said: string }> =>
		new Promise((resolve) => {
			const args = ['prove', 'ours', '--language', 'en', '--courses', courses, '--data', server.data, '--address', address];
			execFile(join(root, 'etabli'), args, { cwd: root, env: { ...process.env, NODE_TEST_CONTEXT: undefined } }, (error, out, err) =>
				resolve({ status: error?.code ?? 0, said: out + err }),
			);
		});
	const outside = await prove(server.address);
	assert.equal(outside.status, 1);
	assert.match(outside.said, /asks for its access code: give it as http:\/\/\S+\/#code=…/);
	const inside = await prove(`${server.address}/#code=sesame%20opens`);
	assert.equal(inside.status, 1);
	assert.match(inside.said, /✗ ours\/first-steps: copy \(en, solution\)\n {4}the check broke before the solution/);
	assert.match(inside.said, /exited 3: the disk of the check is odd/);
	assert.match(inside.said, /✓ +ours\/first-steps\/write/);
});

/** Scenarios as a trainer has them, imported by the real command, and played in real sandboxes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../sandbox-server/setup/paths.ts';
import { rootImageOf } from '../fixtures/root-image.ts';
import { proveForReal } from '../fixtures/stage.ts';

const garden = join(root, 'tests/fixtures/killercoda/garden');

function etabli(...args: string[]): { status: number | null; said: string } {
	const env = { ...process.env, ETABLI_NODE: process.execPath };
	const { status, stdout, stderr } = spawnSync(join(root, 'etabli'), args, { cwd: root, encoding: 'utf8', env });
	return { status, said: stdout + stderr };
}

test('scenarios are imported, linted clean, and proved: root writes /etc, assets are in their places, checks pass', async (t) => {
	const courses = mkdtempSync(join(tmpdir(), 'etabli-imported-'));
	t.after(() => rmSync(courses, { recursive: true, force: true }));
	const imported = etabli('import', 'killercoda', garden, '--into', courses, '--course', 'garden');
	assert.equal(imported.status, 0, imported.said);
	assert.match(imported.said, /^first-steps +in part +3 +2 +2/m);
	const linted = etabli('lint', '--courses', courses);
	assert.match(linted.said, /: 0 errors/, linted.said);
	const before = process.env['ETABLI_TEST_IMAGE'] ?? '';
	process.env['ETABLI_TEST_IMAGE'] = await rootImageOf(before);
	try {
		const proofs = await proveForReal(t, { courses });
		assert.deepEqual(
			proofs.map(({ lesson, step, way, fault }) => [lesson, step, way, fault]),
			[
				['first-steps', 'sow-seeds', 'in order', ''],
				['first-steps', 'water-it', 'in order', ''],
				['old-words', 'write', 'in order', ''],
				['alone', 'mark-it', 'in order', ''],
				['first-steps', 'sow-seeds', 'solution', ''],
				['first-steps', 'water-it', 'solution', ''],
				['first-steps', 'sow-seeds', 'blocks', ''],
				['first-steps', 'water-it', 'blocks', ''],
				['old-words', 'write', 'solution', ''],
				['old-words', 'write', 'blocks', ''],
				['alone', 'mark-it', 'solution', ''],
				['alone', 'mark-it', 'blocks', ''],
			],
		);
	} finally {
		process.env['ETABLI_TEST_IMAGE'] = before;
	}
});

test('a mistake stops the import: it is told, and nothing is written', (t) => {
	const [from, into] = ['from', 'into'].map((name) => mkdtempSync(join(tmpdir(), `etabli-${name}-`))) as [string, string];
	t.after(() => [from, into].forEach((path) => void rmSync(path, { recursive: true, force: true })));
	writeFileSync(join(from, 'index.json'), '{\n"title": "A"\n"details": {} }\n');
	const { status, said } = etabli('import', 'killercoda', from, '--into', into);
	assert.equal(status, 1);
	assert.match(said, /index\.json:3\n.*line 3, column 1.*\n {2}→ Put a comma after line 2\.[\s\S]*Nothing was imported/);
	assert.deepEqual(readdirSync(into), []);
});

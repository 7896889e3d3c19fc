import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../setup/paths.ts';

const most = 400;
/** Lines from the top within which a long file says why it is. */
const top = 12;

test('a file of more than 400 lines says at its top why it is one file', () => {
	const unexplained: string[] = [];
	let seen = 0;
	for (const folder of ['sandbox-server', 'src', 'tests']) {
		for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
			if (!entry.isFile() || !/\.(?:ts|c|h|go|css|sh|astro)$/.test(entry.name)) continue;
			seen++;
			const path = join(entry.parentPath, entry.name);
			const lines = readFileSync(path, 'utf8').split('\n');
			if (lines.length > most + 1 && !/over 400 lines:/i.test(lines.slice(0, top).join(' '))) unexplained.push(path.slice(root.length + 1));
		}
	}
	assert.ok(seen > 1000, `${seen} files were looked at`);
	assert.deepEqual(unexplained, []);
});

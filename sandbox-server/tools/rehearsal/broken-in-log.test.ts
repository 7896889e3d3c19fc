import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../../observability/log/log.ts';
import { brokenInLog } from './broken-in-log.ts';
import { setupStep } from './prove.ts';

test('what a check printed when it broke is found in the log of a server: the newest, of that learner and step', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'server.log');
	let text = `${'x'.repeat(2 ** 20)}\n`;
	const log = createLogger('info', (line) => {
		text += line;
	});
	const broke = (learner: string, step: string, detail: string) => log.warn({ learner, step, detail }, 'check broke');
	broke('learner-1', 'one', 'exited 3: an old one');
	broke('learner-2', 'one', 'exited 3: of somebody else');
	broke('learner-1', 'two', 'exited 3: of another step');
	broke('learner-1', 'one', 'exited 127: no such command: sha513sum');
	log.warn({ learner: 'learner-1', err: new Error('setup.sh: exited 1: no space') }, 'the lesson could not be prepared');
	log.warn({ learner: 'learner-1', step: 'one' }, 'something else');
	writeFileSync(path, text);
	const broken = brokenInLog(path);
	assert.equal(broken('learner-1', 'one'), 'exited 127: no such command: sha513sum');
	assert.equal(broken('learner-1', setupStep), 'setup.sh: exited 1: no space');
	assert.match(broken('learner-3', 'one') ?? '', /should be in .*server\.log, and is not/);
	assert.match(brokenInLog(join(folder, 'none'))('learner-1', 'one') ?? '', /should be in/);
});

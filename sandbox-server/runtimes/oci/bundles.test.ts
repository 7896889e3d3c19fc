import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bundles, runs } from './bundles.ts';

const note = { labels: {}, created: 0, ociRuntime: 'crun' };

test('what a killed server left in the making goes; what another process is just making stays, and so do containers', (t) => {
	const root = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(root, { recursive: true }));
	assert.equal(new Bundles(root).make('kept', note), true);
	for (const name of ['.new-crashed', '.new-young']) {
		mkdirSync(join(root, name));
		writeFileSync(join(root, name, 'note.json'), '{}');
	}
	const hourAgo = Date.now() / 1000 - 3600;
	for (const name of ['.new-crashed', 'kept']) utimesSync(join(root, name), hourAgo, hourAgo);
	const bundles = new Bundles(root);
	assert.deepEqual(readdirSync(root).sort(), ['.new-young', 'kept']);
	assert.deepEqual(bundles.read('kept'), note);
});

test('a container whose note is spoilt is still whose it was, and ended', (t) => {
	const root = mkdtempSync(join(tmpdir(), 'etabli-'));
	t.after(() => rmSync(root, { recursive: true }));
	const bundles = new Bundles(root);
	for (const name of ['spoilt', 'bare']) {
		bundles.make(name, { ...note, main: { pid: process.pid, started: '1' } });
		writeFileSync(join(root, name, 'note.json'), '{"labels":');
	}
	writeFileSync(join(root, 'spoilt', 'config.json'), JSON.stringify({ annotations: { 'etabli.instance': 'a' } }));
	assert.deepEqual(bundles.read('spoilt')?.labels, { 'etabli.instance': 'a' });
	assert.equal(runs(bundles.read('spoilt')), false);
	assert.equal(bundles.read('bare'), undefined);
});

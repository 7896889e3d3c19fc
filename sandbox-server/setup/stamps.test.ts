import assert from 'node:assert/strict';
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hashInputs, Stamps, writeAtomically } from './stamps.ts';

function folder(t: TestContext): string {
	const path = mkdtempSync(join(tmpdir(), 'etabli stamps-'));
	t.after(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

test('the hash changes with content, names, links and the x bit; not with times or the place of the checkout', (t) => {
	const root = join(folder(t), 'a');
	mkdirSync(join(root, 'in/deep'), { recursive: true });
	writeFileSync(join(root, 'in/deep/file'), 'one');
	const hash = (at = root): string =>
		hashInputs({ root: at, paths: [join(at, 'in'), join(at, 'missing')], texts: ['v1'], except: ['ignored'] });
	const first = hash();
	assert.match(first, /^[0-9a-f]{64}$/);

	utimesSync(join(root, 'in/deep/file'), 1, 1);
	writeFileSync(join(root, 'in/ignored'), 'whatever');
	assert.equal(hash(), first);

	const seen = new Set([first]);
	const changes = [
		() => writeFileSync(join(root, 'in/deep/file'), 'two'),
		() => chmodSync(join(root, 'in/deep/file'), 0o755),
		() => renameSync(join(root, 'in/deep/file'), join(root, 'in/deep/other')),
		() => symlinkSync('other', join(root, 'in/deep/link')),
		() => writeFileSync(join(root, 'missing'), ''),
	];
	for (const change of changes) {
		change();
		assert.ok(!seen.has(hash()), String(change));
		seen.add(hash());
	}
	const last = hash();
	renameSync(root, `${root} moved`);
	assert.equal(hash(`${root} moved`), last);
});

test('texts cannot be mistaken for one another', () => {
	assert.notEqual(hashInputs({ root: '/', texts: ['ab', 'c'] }), hashInputs({ root: '/', texts: ['a', 'bc'] }));
});

test('a stamp is there after it is written, and gone after it is removed', (t) => {
	const stamps = new Stamps(join(folder(t), 'not/yet/there'));
	assert.equal(stamps.read('site'), undefined);
	stamps.write('site', 'abc');
	assert.equal(stamps.read('site'), 'abc');
	stamps.remove('site');
	stamps.remove('site');
	assert.equal(stamps.read('site'), undefined);
});

test('a write that fails leaves the old file and no leavings', (t) => {
	const path = folder(t);
	writeAtomically(join(path, 'f'), 'old');
	mkdirSync(join(path, 'd'));
	assert.throws(() => writeAtomically(join(path, 'd'), 'x'));
	assert.deepEqual(readdirSync(path).sort(), ['d', 'f']);
	assert.equal(readFileSync(join(path, 'f'), 'utf8'), 'old');
});

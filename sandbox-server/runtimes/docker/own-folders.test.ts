import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { canBeSeen, strangeFolder } from './own-folders.ts';

test('a home that is not its user’s to write to is told with what to do', (t) => {
	const at = mkdtempSync(join(tmpdir(), 'etabli-folder-'));
	t.after(() => rmdirSync(at));
	assert.equal(strangeFolder(process.pid, [{ at, owner: 1000 }]), undefined, 'its own');
	chmodSync(at, 0o500);
	const said = strangeFolder(process.pid, [{ at, owner: 1000 }]) ?? '';
	assert.match(said, /did not make \S+ its user's own: it has the mode 0500 and belongs to \d+, not \d+\. .*--engine oci/);
	assert.equal(strangeFolder(process.pid, [{ at, owner: 0 }]), undefined, 'root’s folders are nobody’s home');
	assert.equal(strangeFolder(process.pid, [{ at: `${at}/none`, owner: 1000 }]), 'unseen');
	const link = `${at}-link`;
	symlinkSync(at, link);
	t.after(() => rmSync(link));
	assert.equal(strangeFolder(process.pid, [{ at: link, owner: 1000 }]), 'unseen', 'a link may lead out of the container');
});

test('only containers that are processes of this kernel are looked into', () => {
	assert.deepEqual(['runc', 'crun', 'runsc', 'kata', undefined].map(canBeSeen), [true, true, false, false, false]);
});

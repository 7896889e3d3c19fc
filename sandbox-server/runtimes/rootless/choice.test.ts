import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fuseWarning, imageFolder, isFirstChoice, type RootlessFacts, rootlessHindrance, stateFolder } from './choice.ts';

const good: RootlessFacts = {
	linux: true,
	root: false,
	arch: 'x64',
	refused: undefined,
	clone: undefined,
	most: '15000',
	apparmor: undefined,
	fuse: true,
	images: 0,
};

test('a user of a machine that gives user namespaces may; everybody else is told why not, and what to ask for', () => {
	assert.equal(rootlessHindrance(good), undefined);
	const said = (change: Partial<RootlessFacts>): string => {
		const { text = '', remedy = '' } = rootlessHindrance({ ...good, ...change }) ?? {};
		return `${text} ${remedy}`;
	};
	assert.match(said({ linux: false }), /need Linux/);
	assert.match(said({ root: true }), /not root.*--engine oci/);
	assert.match(said({ arch: 'riscv64' }), /riscv64/);
	assert.match(said({ refused: 'unshare failed: No space left on device', most: '0' }), /No space left.*max_user_namespaces=15000/);
	assert.match(said({ refused: 'unshare failed: Operation not permitted', clone: '0' }), /unprivileged_userns_clone=1/);
	assert.match(said({ refused: 'Permission denied', apparmor: '1' }), /AppArmor.*restrict_unprivileged_userns=0/);
	assert.match(said({ refused: 'Operation not permitted' }), /outside of it/);
	assert.equal(fuseWarning(good), undefined);
	assert.match(fuseWarning({ fuse: false }) ?? '', /chmod 0666/);
});

test('images are where the user keeps data, what runs where the system keeps what is gone after a restart', (t) => {
	assert.equal(imageFolder({ XDG_DATA_HOME: '/d' }), '/d/etabli/images');
	assert.match(imageFolder({ XDG_DATA_HOME: 'not-absolute' }), /\.local\/share\/etabli\/images$/);
	const run = mkdtempSync(join(tmpdir(), 'etabli-run-'));
	t.after(() => rmSync(run, { recursive: true }));
	assert.equal(stateFolder({ XDG_RUNTIME_DIR: run }), join(run, 'etabli'));
	assert.match(stateFolder({ XDG_RUNTIME_DIR: '/no/such/folder' }), new RegExp(`^/tmp/etabli-${process.getuid?.()}$`));
	rmSync(join(run, 'etabli'), { recursive: true });
	mkdirSync(join(run, 'etabli'), { mode: 0o755 });
	assert.throws(() => stateFolder({ XDG_RUNTIME_DIR: run }), /not this user’s alone/);
});

test('is what comes first only where there is no engine at all, and nobody has said another', () => {
	const none = { chosen: undefined, installed: undefined, reasons: ['the engine does not answer: connect ENOENT /var/run/docker.sock'] };
	assert.equal(isFirstChoice(none), true);
	for (const reason of ['The operation was aborted due to timeout', 'connect ECONNREFUSED', 'connect EACCES /var/run/docker.sock'])
		assert.equal(isFirstChoice({ ...none, reasons: [...none.reasons, reason] }), false, reason);
	assert.equal(isFirstChoice({ ...none, installed: 'podman' }), false);
	assert.equal(isFirstChoice({ ...none, chosen: 'oci' }), false);
});

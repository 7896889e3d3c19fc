import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { profileFile, profileState, withoutUserns } from './apparmor.ts';

test('a profile that is loaded is replaced unless it is this one', () => {
	assert.equal(profileState({ loaded: false, stamp: 'a', hash: 'a' }), 'absent', 'after a restart of the machine');
	assert.equal(profileState({ loaded: true, stamp: 'a', hash: 'a' }), 'current');
	assert.equal(profileState({ loaded: true, stamp: 'a', hash: 'b' }), 'older');
	assert.equal(profileState({ loaded: true, stamp: undefined, hash: 'b' }), 'older', 'loaded by hand, or for another data folder');
	assert.equal(profileState({ loaded: undefined, stamp: 'a', hash: 'a' }), 'absent', 'only root may know');
});

test('whoever ends a sandbox may: the engine, and programs that Ubuntu gives profiles of their own', () => {
	const profile = readFileSync(profileFile, 'utf8');
	for (const peer of ['unconfined', 'runc', 'crun', 'podman'])
		assert.match(profile, new RegExp(`^  signal \\(receive\\) peer=${peer},$`, 'm'));
	assert.match(profile, /^ {2}userns,$/m);
	assert.doesNotMatch(withoutUserns(profile), /userns,/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loginOf } from './push-course-images.ts';

test('who may push is known from where docker login and podman login have put it', () => {
	const auth = Buffer.from('me:pass:word').toString('base64');
	const docker = JSON.stringify({ auths: { 'https://registry.example.org': { auth } }, credsStore: 'none' });
	const podman = JSON.stringify({ auths: { 'localhost:5000': { auth } } });
	assert.deepEqual(loginOf('registry.example.org', [docker, podman]), { username: 'me', password: 'pass:word' });
	assert.deepEqual(loginOf('localhost:5000', [docker, podman]), { username: 'me', password: 'pass:word' });
	assert.equal(loginOf('elsewhere.example.org', [docker, podman, '{}']), undefined);
});
